#include "storage/postgres/connection.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>

#include "base/assert.h"
#include "storage/postgres/connect_error.h"
#include "storage/postgres/drop_on_unwind.h"
#include "storage/postgres/error.h"

namespace matricula::storage::postgres {
namespace {

// The clock is read at least so often, so that tests can advance a ManualClock during a wait.
constexpr std::chrono::milliseconds kPollMax{1'000};

// Detect a network that drops packets; an address may override them.
const std::pair<const char*, std::string> kNetworkOptions[] = {
    {"fallback_application_name", "matricula"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "15000"},
};
const std::string kEncoding = "UTF8";

void ignore_notice(void* /*unused*/, const char* /*message*/) {}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const Address& address, const Host& host,
                                                     Deadline deadline, const Clock& clock) {
  std::unique_ptr<Connection> connection(new Connection(clock));
  MATRICULA_CHECK(connection->connect(address, host, deadline));
  return connection;
}

Connection::~Connection() {
  drop();
}

void Connection::drop() {
  PQfinish(connection_);
  connection_ = nullptr;
  if (live_ != nullptr) {
    live_->fetch_sub(1, std::memory_order_relaxed);
    live_ = nullptr;
  }
}

void Connection::count_in(std::atomic<int>& live) {
  live_ = &live;
  live_->fetch_add(1, std::memory_order_relaxed);
}

tl::unexpected<Error> Connection::lost() {
  const std::string detail =
      connection_ == nullptr ? "the connection was lost before" : PQerrorMessage(connection_);
  drop();
  return fail(lost_error(detail));
}

Result<void> Connection::connect(const Address& address, const Host& host, Deadline deadline) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto add = [&](const char* keyword, const std::string& value) {
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  };
  for (const auto& [keyword, value] : kNetworkOptions) {
    add(keyword, value);
  }
  // Where a keyword comes twice, libpq uses the last value.
  for (const auto& [keyword, value] : address.options) {
    if (keyword != "fallback_application_name") {
      add(keyword.c_str(), value);
    }
  }
  for (const auto& [keyword, value] :
       {std::pair("host", &host.host), {"hostaddr", &host.hostaddr}, {"port", &host.port}}) {
    if (!value->empty()) {
      add(keyword, *value);
    }
  }
  add("client_encoding", kEncoding);
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = PQconnectStartParams(keywords.data(), values.data(), 0);
  if (connection_ == nullptr) {
    return fail(ErrorCode::kUnavailable, "The store is out of memory. Try again later.");
  }
  PQsetNoticeProcessor(connection_, ignore_notice, nullptr);
  PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);  // with the SQLSTATE
  // libpq's manual: before the first poll, behave as if it had asked to write.
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(connection_) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
         state != PGRES_POLLING_FAILED) {
    MATRICULA_CHECK(wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline));
    state = PQconnectPoll(connection_);
  }
  if (PQstatus(connection_) != CONNECTION_OK) {
    Error error = connect_error(PQerrorMessage(connection_), address);
    drop();
    return fail(std::move(error));
  }
  PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  MATRICULA_ASSERT(PQsetnonblocking(connection_, 1) == 0);
  MATRICULA_ASSERT(PQenterPipelineMode(connection_) == 1);
  return {};
}

// Waits until the socket is ready for one of the events.
Result<void> Connection::wait(short events, Deadline deadline) {
  while (true) {
    int limit_ms = -1;
    if (deadline != Deadline::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.monotonic());
      if (left.count() <= 0) {
        drop();
        return fail(late_error("no answer before the deadline"));
      }
      limit_ms = static_cast<int>(std::min(left, kPollMax).count());
    }
    pollfd polled{.fd = PQsocket(connection_), .events = events, .revents = 0};
    const int ready = poll(&polled, 1, limit_ms);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return lost();
    }
  }
}

Result<void> Connection::flush(Deadline deadline) {
  while (true) {
    const int state = connection_ == nullptr ? -1 : PQflush(connection_);
    if (state == 0) {
      return {};
    }
    if (state < 0) {
      return lost();
    }
    MATRICULA_CHECK(wait(POLLIN | POLLOUT, deadline));
    // The server may wait for us to read before it reads on.
    if (PQconsumeInput(connection_) == 0) {
      return lost();
    }
  }
}

Result<void> Connection::send_prepared(const std::string& name, const Parameters& parameters) {
  if (connection_ == nullptr ||
      PQsendQueryPrepared(connection_, name.c_str(), parameters.count(), parameters.values(),
                          parameters.lengths(), parameters.formats(), 1) == 0) {
    return lost();
  }
  return {};
}

Result<void> Connection::send_text(const std::string& sql, const Parameters& parameters,
                                   const std::vector<Oid>& types) {
  if (connection_ == nullptr ||
      PQsendQueryParams(connection_, sql.c_str(), parameters.count(), types.data(),
                        parameters.values(), parameters.lengths(), parameters.formats(), 1) == 0) {
    return lost();
  }
  return {};
}

Result<void> Connection::send_sync() {
  if (connection_ == nullptr || PQpipelineSync(connection_) == 0) {
    return lost();
  }
  is_unanswered_ = true;
  return {};
}

Result<ResultHandle> Connection::next_result(Deadline deadline) {
  if (connection_ == nullptr) {
    return lost();
  }
  MATRICULA_CHECK(flush(deadline));
  round_trips_ += std::exchange(is_unanswered_, false) ? 1 : 0;
  while (PQisBusy(connection_) == 1) {
    MATRICULA_CHECK(wait(POLLIN, deadline));
    if (PQconsumeInput(connection_) == 0) {
      return lost();
    }
  }
  return ResultHandle(PQgetResult(connection_));
}

Error Connection::noted_error(const PGresult* result, std::string_view context) {
  const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  last_sqlstate_ = sqlstate == nullptr ? "" : sqlstate;
  return result_error(result, context);
}

Result<ResultHandle> Connection::receive(Deadline deadline, std::string_view context) {
  MATRICULA_TRY(ResultHandle result, next_result(deadline));
  if (result == nullptr) {
    return lost();
  }
  const ExecStatusType status = PQresultStatus(result.get());
  // The end of this statement's results.
  MATRICULA_TRY(const ResultHandle end, next_result(deadline));
  if (end != nullptr && status != PGRES_PIPELINE_SYNC) {
    return lost();
  }
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    return result;
  }
  if (status == PGRES_PIPELINE_ABORTED) {
    return fail(make_error("25P02", "an earlier statement failed", context));
  }
  Error error = noted_error(result.get(), context);
  if (PQstatus(connection_) == CONNECTION_BAD) {
    drop();
  }
  return fail(std::move(error));
}

Result<void> Connection::receive_sync(Deadline deadline) {
  MATRICULA_TRY(const ResultHandle result, next_result(deadline));
  if (result == nullptr || PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
    return lost();
  }
  return {};
}

Result<void> Connection::send_describe(const std::string& name, const std::string& sql) {
  if (connection_ == nullptr ||
      PQsendPrepare(connection_, name.c_str(), sql.c_str(), 0, nullptr) == 0 ||
      PQsendDescribePrepared(connection_, name.c_str()) == 0) {
    return lost();
  }
  return {};
}

Result<Description> Connection::receive_description(Deadline deadline, const std::string& sql) {
  const Result<ResultHandle> parsed = receive(deadline, sql);
  const Result<ResultHandle> described = receive(deadline, sql);
  if (!parsed) {
    return fail(parsed.error());
  }
  if (!described) {
    return fail(described.error());
  }
  Description description;
  for (int i = 0; i < PQnparams(described->get()); ++i) {
    description.parameters.push_back(PQparamtype(described->get(), i));
  }
  for (int i = 0; i < PQnfields(described->get()); ++i) {
    description.columns.push_back(PQftype(described->get(), i));
  }
  return description;
}

Result<Description> Connection::prepare(const std::string& name, const std::string& sql,
                                        Deadline deadline) {
  const DropOnUnwind whole(*this);
  MATRICULA_CHECK(send_describe(name, sql));
  MATRICULA_CHECK(send_sync());
  Result<Description> description = receive_description(deadline, sql);
  Result<void> synchronised = receive_sync(deadline);
  if (description) {  // else the first error is reported
    MATRICULA_CHECK(std::move(synchronised));
  }
  return description;
}

Result<Description> Connection::describe(const std::string& sql, Deadline deadline) {
  const DropOnUnwind whole(*this);
  const Parameters none;
  MATRICULA_CHECK(send_text("BEGIN", none, {}));
  MATRICULA_CHECK(send_text("SELECT " + local_settings_, none, {}));
  MATRICULA_CHECK(send_describe("", sql));
  MATRICULA_CHECK(send_text("ROLLBACK", none, {}));
  MATRICULA_CHECK(send_sync());
  Result<ResultHandle> begun = receive(deadline, "BEGIN");
  Result<ResultHandle> set = receive(deadline, "settings");
  Result<Description> description = receive_description(deadline, sql);
  const Result<ResultHandle> ended = receive(deadline, "ROLLBACK");
  MATRICULA_CHECK(receive_sync(deadline));
  if (!ended) {
    MATRICULA_CHECK(run_script("ROLLBACK", deadline));
  }
  MATRICULA_CHECK(std::move(begun));
  MATRICULA_CHECK(std::move(set));
  return description;
}

Result<void> Connection::prepare_all(
    std::span<const std::pair<std::string, std::string>> statements, Deadline deadline) {
  const DropOnUnwind whole(*this);
  for (const auto& [name, sql] : statements) {
    MATRICULA_CHECK(send_describe(name, sql));
  }
  MATRICULA_CHECK(send_sync());
  Result<void> done;
  for (const auto& [name, sql] : statements) {
    const Result<Description> description = receive_description(deadline, sql);
    if (!description && done) {
      done = fail(description.error());
    }
  }
  MATRICULA_CHECK(receive_sync(deadline));
  return done;
}

}  // namespace matricula::storage::postgres
