#include "storage/postgres/connector.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "storage/postgres/connect_error.h"
#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/settings.h"

namespace matricula::storage::postgres {
namespace {

constexpr const char* kAttributes = "target_session_attrs";
constexpr std::string_view kNoTimeLimit = "SET statement_timeout = 0";

std::string key_of(const Host& host) {
  return fmt::format("{} {} {}", host.host, host.hostaddr, host.port);
}

Address with_attributes(const Address& address, std::string_view attributes) {
  Address other = address;
  for (auto& [name, value] : other.options) {
    if (name == kAttributes) {
      value = attributes;
    }
  }
  return other;
}

// Runs what lifts a time limit of the role's or the database's: the first statements are under it
// themselves, and may take longer than a few milliseconds on a busy server.
template <typename Lift>
auto despite_time_limit(Connection& connection, Deadline deadline, const Lift& lift) {
  auto done = lift();
  const auto was_ended = [&] {  // also where the rollback before was
    return !done && !connection.is_lost() &&
           (connection.last_sqlstate() == kQueryCanceled ||
            connection.last_sqlstate() == kInFailedTransaction);
  };
  for (int tries = 1; was_ended() && tries < kLiftsMax; ++tries) {
    static_cast<void>(connection.run_script("ROLLBACK", deadline));
    done = lift();
  }
  if (was_ended()) {
    done = fail(ErrorCode::kUnavailable,
                "The server ends even the statement that lifts the time limit: statement_timeout "
                "of this role or database is too short. Make it longer (ALTER ROLE ... SET "
                "statement_timeout, or ALTER DATABASE).",
                {.internal = done.error().internal});
  }
  return done;
}

// The errors of several servers as one: the first that waiting cannot mend, else all of them.
class Failures {
 public:
  void add(const Host& host, Error error) {
    if (error.code == ErrorCode::kTimeout) {
      error.message = "The server does not answer.";
    }
    if (!text_.empty()) {
      text_ += ' ';
    }
    text_ += fmt::format("{}: {}", host.shown, error.message);
    last_ = std::move(error);
    ++count_;
  }
  Error take() {
    if (count_ > 1 && may_mend_itself(last_)) {
      last_.message = std::move(text_);
    }
    return std::move(last_);
  }

 private:
  int count_ = 0;
  std::string text_;
  Error last_;
};

}  // namespace

// The server at the other end of a connection.
struct Connector::Server {
  int process = 0;
  bool is_standby = false;
  bool has_no_triggers = false;
  std::string search_path;  // as an SQL literal

  static Result<Server> read(Connection& connection, Deadline deadline) {
    MATRICULA_TRY(const std::string text, connection.read_text(kReadServer, deadline));
    Server server;
    const std::size_t first = text.find('|');
    const std::size_t second = text.find('|', first + 1);
    const std::size_t third = text.find('|', second + 1);
    if (second == std::string::npos || third == std::string::npos) {
      return fail(ErrorCode::kUnavailable, "The server does not say what it is.");
    }
    std::from_chars(text.data(), text.data() + first, server.process);
    server.is_standby = text.substr(first + 1, second - first - 1) == "t";
    server.has_no_triggers = text.substr(second + 1, third - second - 1) == "t";
    server.search_path = text.substr(third + 1);
    return server;
  }
};

std::chrono::milliseconds Connector::host_limit() const {
  const std::string_view given = address_.option("connect_timeout");
  std::int64_t seconds = 0;
  std::from_chars(given.data(), given.data() + given.size(), seconds);
  constexpr std::int64_t kSecondsMax = 3'600;
  return seconds > 0 ? std::chrono::seconds(std::min(seconds, kSecondsMax)) : kConnectTimeout;
}

Result<std::unique_ptr<Connection>> Connector::connect(Access access, Deadline deadline) {
  if (clock_.monotonic().count() < not_before_ns_.load(std::memory_order_relaxed)) {
    return fail(lost_error("it did not answer a moment ago"));
  }
  auto connection = connect_now(access, deadline);
  if (!connection) {
    not_before_ns_.store((clock_.monotonic() + kConnectPause).count(), std::memory_order_relaxed);
    return fail(for_clients(connection.error()));
  }
  if (access == Access::kServe) {
    (*connection)->count_in(serving_);
  }
  return connection;
}

Result<std::unique_ptr<Connection>> Connector::connect_now(Access access, Deadline deadline) {
  MATRICULA_TRY(std::vector<Host> hosts, hosts_of(address_, host_limit()));
  put_last_those_that_failed(hosts);
  if (address_.option(kAttributes) == "prefer-standby") {
    auto standby = try_hosts(hosts, with_attributes(address_, "standby"), access, deadline);
    if (standby) {
      return standby;
    }
    return try_hosts(hosts, with_attributes(address_, "any"), access, deadline);
  }
  return try_hosts(hosts, address_, access, deadline);
}

// The deadline for connecting to one host, when `left` hosts have not been tried yet: they share
// the remaining time.
Deadline Connector::turn_of_one(Deadline deadline, std::ptrdiff_t left) const {
  const Deadline now = clock_.monotonic();
  if (deadline == Deadline::max()) {
    return now + host_limit();
  }
  return now + std::min<std::chrono::nanoseconds>(host_limit(), (deadline - now) / left);
}

Result<std::unique_ptr<Connection>> Connector::try_hosts(const std::vector<Host>& hosts,
                                                         const Address& address, Access access,
                                                         Deadline deadline) {
  Failures failures;
  auto left = std::ssize(hosts);
  for (const Host& host : hosts) {
    const Deadline until = turn_of_one(deadline, left--);
    auto connection = try_host(host, address, access, {.connect = until, .all = deadline});
    note_failure(host, !connection);
    if (connection) {
      return connection;
    }
    // As in libpq: after one server refused the login, no other is tried.
    const bool is_final = !may_mend_itself(connection.error());
    failures.add(host, std::move(connection.error()));
    if (is_final) {
      break;
    }
  }
  return fail(failures.take());
}

Result<std::unique_ptr<Connection>> Connector::try_host(const Host& host, const Address& address,
                                                        Access access, const Until& until) {
  MATRICULA_TRY(auto connection, Connection::open(address, host, until.connect, clock_));
  // What is asked and set then does not count for the time to connect.
  const Deadline deadline = std::min(until.all, clock_.monotonic() + kConnectTimeout);
  MATRICULA_TRY(const Server server, despite_time_limit(*connection, deadline, [&] {
                  return Server::read(*connection, deadline);
                }));
  if (server.is_standby && access != Access::kRead) {
    return fail(ErrorCode::kUnavailable,
                "The server is a standby, which cannot be written. It serves when it is promoted.");
  }
  // Only a superuser may set it, so that it cannot be set back here.
  if (server.has_no_triggers && access != Access::kRead) {
    return fail(ErrorCode::kUsage,
                "The server would keep no counts and search texts: session_replication_role is "
                "\"replica\" for this role or database. Take that away (ALTER ROLE ... RESET "
                "session_replication_role, or ALTER DATABASE).");
  }
  // A pooler gives clients a process number of its own making.
  if (PQbackendPID(connection->raw()) != server.process) {
    const std::lock_guard lock(pooling_mutex_);
    if (pooling_ == Pooling::kUnknown) {
      MATRICULA_TRY(const Pooling found, find_pooling(*connection, host, address));
      pooling_ = found;
    }
    if (pooling_ == Pooling::kTransaction) {
      connection->set_by_transaction(settings_list(
          access, Scope::kTransaction, PQserverVersion(connection->raw()), server.search_path));
      return connection;
    }
  }
  MATRICULA_CHECK(despite_time_limit(
      *connection, deadline, [&] { return set_up(*connection, server, access, deadline); }));
  return connection;
}

Result<void> Connector::set_up(Connection& connection, const Server& server, Access access,
                               Deadline deadline) {
  const int version = PQserverVersion(connection.raw());
  const std::string settings =
      "SELECT " + settings_list(access, Scope::kSession, version, server.search_path);
  const std::string watch(watch_clients_text(version));
  const Parameters none;
  // First, so that a limit of the role's does not end the statement that sets all else.
  MATRICULA_CHECK(connection.send_text(std::string(kNoTimeLimit), none, {}));
  MATRICULA_CHECK(connection.send_text(settings, none, {}));
  MATRICULA_CHECK(connection.send_sync());
  if (!watch.empty()) {
    MATRICULA_CHECK(connection.send_text(watch, none, {}));
    MATRICULA_CHECK(connection.send_sync());
  }
  Result<ResultHandle> unlimited = connection.receive(deadline, kNoTimeLimit);
  Result<ResultHandle> done = connection.receive(deadline, settings);
  MATRICULA_CHECK(connection.receive_sync(deadline));
  if (!watch.empty()) {
    static_cast<void>(connection.receive(deadline, watch));  // not on every system
    MATRICULA_CHECK(connection.receive_sync(deadline));
  }
  MATRICULA_CHECK(std::move(unlimited));
  MATRICULA_CHECK(std::move(done));
  return {};
}

void Connector::put_last_those_that_failed(std::vector<Host>& hosts) {
  const std::lock_guard lock(mutex_);
  const Deadline now = clock_.monotonic();
  std::stable_partition(hosts.begin(), hosts.end(), [&](const Host& host) {
    const auto failed = failed_until_.find(key_of(host));
    return failed == failed_until_.end() || failed->second <= now;
  });
}

void Connector::note_failure(const Host& host, bool failed) {
  const std::lock_guard lock(mutex_);
  if (failed && failed_until_.size() < kHostsMax * kHostsMax) {
    failed_until_[key_of(host)] = clock_.monotonic() + kHostPause;
  } else {
    failed_until_.erase(key_of(host));
  }
}

}  // namespace matricula::storage::postgres
