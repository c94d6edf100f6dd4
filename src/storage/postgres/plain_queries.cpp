// The part of a connection that runs plain queries, outside of the pipeline.
#include <fmt/format.h>

#include "storage/postgres/connection.h"
#include "storage/postgres/drop_on_unwind.h"

namespace matricula::storage::postgres {

Result<void> Connection::leave_pipeline() {
  if (connection_ == nullptr || PQexitPipelineMode(connection_) == 0) {
    return lost();
  }
  return {};
}

Result<void> Connection::enter_pipeline() {
  if (connection_ == nullptr || PQenterPipelineMode(connection_) == 0) {
    return lost();
  }
  return {};
}

Result<void> Connection::send_query(const std::string& sql) {
  MATRICULA_CHECK(leave_pipeline());
  if (PQsendQuery(connection_, sql.c_str()) == 0) {
    return lost();
  }
  is_unanswered_ = true;
  return {};
}

Result<void> Connection::finish_query(Deadline deadline, std::string_view context) {
  Result<void> done;
  while (true) {
    MATRICULA_TRY(const ResultHandle result, next_result(deadline));
    if (result == nullptr) {
      break;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || !done) {
      continue;
    }
    done = fail(noted_error(result.get(), context));
  }
  MATRICULA_CHECK(enter_pipeline());
  return done;
}

Result<void> Connection::run_script(const std::string& sql, Deadline deadline) {
  const DropOnUnwind whole(*this);
  MATRICULA_CHECK(send_query(sql));
  return finish_query(deadline, std::string_view(sql).substr(0, 120));
}

Result<void> Connection::begin(Deadline deadline) {
  return run_script(is_by_transaction() ? "BEGIN; SELECT " + local_settings_ : "BEGIN", deadline);
}

Result<std::string> Connection::read_text(const std::string& sql, Deadline deadline) {
  const DropOnUnwind whole(*this);
  MATRICULA_CHECK(leave_pipeline());
  const bool wraps = is_by_transaction() && PQtransactionStatus(connection_) == PQTRANS_IDLE;
  const std::string wrapped =
      wraps ? fmt::format("BEGIN; SELECT {}; {}; COMMIT", local_settings_, sql) : std::string();
  if (PQsendQuery(connection_, wraps ? wrapped.c_str() : sql.c_str()) == 0) {
    return lost();
  }
  is_unanswered_ = true;
  Result<std::string> text;
  while (true) {
    MATRICULA_TRY(const ResultHandle result, next_result(deadline));
    if (result == nullptr) {
      break;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      text = fail(noted_error(result.get(), sql));
    } else if (text && status == PGRES_TUPLES_OK) {  // the last result is that of `sql`
      const bool any = PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0;
      *text = any ? PQgetvalue(result.get(), 0, 0) : "";
    }
  }
  MATRICULA_CHECK(enter_pipeline());
  if (wraps && !text) {
    MATRICULA_CHECK(run_script("ROLLBACK", deadline));
  }
  return text;
}

}  // namespace matricula::storage::postgres
