// The part of a connection and of a session that copies rows in.
#include <fmt/format.h>

#include "base/assert.h"
#include "storage/postgres/drop_on_unwind.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {
namespace {

// PostgreSQL's manual, COPY, "Binary Format": a signature, no flags, no extension; each row is the
// number of its values, then for each its length, -1 for null, and its bytes; -1 ends it.
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\377\377", 2);

void append_int16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(static_cast<unsigned char>(value >> 8U));
  out += static_cast<char>(static_cast<unsigned char>(value));
}

void append_int32(std::string& out, std::uint32_t value) {
  append_int16(out, static_cast<std::uint16_t>(value >> 16U));
  append_int16(out, static_cast<std::uint16_t>(value));
}

void append_row(std::string& out, const Parameters& row) {
  append_int16(out, static_cast<std::uint16_t>(row.count()));
  for (int i = 0; i < row.count(); ++i) {
    const char* const value = row.values()[i];
    append_int32(out, static_cast<std::uint32_t>(value == nullptr ? -1 : row.lengths()[i]));
    if (value != nullptr) {
      out.append(value, static_cast<std::size_t>(row.lengths()[i]));
    }
  }
}

}  // namespace

Result<void> Connection::begin_copy(const std::string& sql, Deadline deadline) {
  MATRICULA_CHECK(send_query(sql));  // COPY has no place in a pipeline
  MATRICULA_TRY(const ResultHandle begun, next_result(deadline));
  if (begun == nullptr) {
    return lost();
  }
  if (PQresultStatus(begun.get()) == PGRES_COPY_IN) {
    return {};
  }
  Error error = noted_error(begun.get(), sql);
  MATRICULA_CHECK(finish_query(deadline, sql));
  return fail(std::move(error));
}

Result<void> Connection::send_copy_data(std::string_view data, Deadline deadline) {
  // Without blocking, 0 would mean that libpq's buffer is full; it is empty after each part.
  if (connection_ == nullptr ||
      PQputCopyData(connection_, data.data(), static_cast<int>(data.size())) != 1) {
    return lost();
  }
  return flush(deadline);
}

Result<void> Connection::end_copy(Deadline deadline) {
  if (connection_ == nullptr || PQputCopyEnd(connection_, nullptr) != 1) {
    return lost();
  }
  return finish_query(deadline, "COPY");
}

Result<void> PostgresSession::send_rows(std::string_view table, std::string_view columns,
                                        std::span<const Bind> values) {
  // The types of the columns say how their values are written.
  MATRICULA_TRY(
      const Description described,
      connection_->prepare("", fmt::format("SELECT {} FROM {}", columns, table), wait_limit()));
  const std::vector<Oid>& types = described.columns;
  MATRICULA_ASSERT(values.size() % types.size() == 0);
  MATRICULA_CHECK(connection_->begin_copy(
      fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", table, columns), wait_limit()));
  std::string part(kHeader);
  for (; !values.empty(); values = values.subspan(types.size())) {
    parameters_.set(values.first(types.size()), types);
    append_row(part, parameters_);
    if (part.size() >= kCopyPartBytes) {
      MATRICULA_CHECK(connection_->send_copy_data(part, wait_limit()));
      part.clear();
    }
  }
  part += kTrailer;
  MATRICULA_CHECK(connection_->send_copy_data(part, wait_limit()));
  return connection_->end_copy(wait_limit());
}

Result<void> PostgresSession::copy_rows(std::string_view table, std::string_view columns,
                                        std::span<const Bind> values) {
  MATRICULA_ASSERT(in_write_);
  MATRICULA_CHECK(check_can_run());
  const DropOnUnwind whole(*connection_);
  Result<void> sent = send_rows(table, columns, values);
  write_failed_ = !sent;
  return sent;
}

}  // namespace matricula::storage::postgres
