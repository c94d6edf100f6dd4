#include "storage/sqlite/prepared.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "base/assert.h"
#include "base/bus_errors.h"
#include "storage/limits.h"
#include "storage/sqlite/error.h"
#include "storage/sqlite/value_list.h"

namespace matricula::storage::sqlite {
namespace {

std::string_view text_of(sqlite3_value* value) {
  const unsigned char* const data = sqlite3_value_text(value);
  if (data == nullptr) {
    return {};
  }
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

Bytes bytes_of(sqlite3_value* value) {
  const void* const data = sqlite3_value_blob(value);
  if (data == nullptr) {
    return {};
  }
  return {static_cast<const std::byte*>(data),
          static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

Bind value_of(sqlite3_value* value, ValueType type) {
  if (sqlite3_value_type(value) == SQLITE_NULL) {
    return std::monostate{};
  }
  switch (type) {
    case ValueType::kInteger:
      return std::int64_t{sqlite3_value_int64(value)};
    case ValueType::kReal:
      return sqlite3_value_double(value);
    case ValueType::kText:
      return text_of(value);
    case ValueType::kBytes:
      break;
  }
  return bytes_of(value);
}

}  // namespace

Result<std::unique_ptr<Prepared>> Prepared::prepare(sqlite3* connection,
                                                    const Statement& statement) {
  const std::string& text = statement.text();
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  // With its terminating NUL counted, SQLite need not copy the text.
  if (sqlite3_prepare_v3(connection, text.c_str(), static_cast<int>(text.size() + 1),
                         SQLITE_PREPARE_PERSISTENT, &raw, &rest) != SQLITE_OK) {
    return fail(last_error(connection, text));
  }
  MATRICULA_ASSERT(raw != nullptr);
  std::unique_ptr<Prepared> prepared(new Prepared(raw));
  const std::string_view left(rest, static_cast<std::size_t>(text.c_str() + text.size() - rest));
  MATRICULA_ASSERT(left.find_first_not_of(" \t\r\n;") == std::string_view::npos);
  return prepared;
}

Prepared::~Prepared() {
  MATRICULA_ASSERT(!is_running_);
  sqlite3_finalize(statement_);
}

Result<void> Prepared::start(std::span<const Bind> binds) {
  MATRICULA_ASSERT(!is_running_);
  MATRICULA_ASSERT(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)) ==
                   binds.size());
  int place = 0;
  lists_.clear();
  for (const Bind& value : binds) {
    if (bind(++place, value) != SQLITE_OK) {
      Error error = last_error(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
      sqlite3_clear_bindings(statement_);
      return fail(std::move(error));
    }
  }
  is_running_ = true;
  is_done_ = false;
  bus_errors_at_start_ = bus_errors();
  return {};
}

int Prepared::bind(int place, const Bind& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int place;
    std::deque<ValueList>& lists;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, place); }
    int operator()(std::int64_t number) const {
      return sqlite3_bind_int64(statement, place, number);
    }
    int operator()(double number) const { return sqlite3_bind_double(statement, place, number); }
    // A null pointer would bind NULL and not the empty value.
    int operator()(std::string_view text) const {
      return sqlite3_bind_text64(statement, place, text.data() == nullptr ? "" : text.data(),
                                 text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(Bytes bytes) const {
      return bytes.empty()
                 ? sqlite3_bind_zeroblob(statement, place, 0)
                 : sqlite3_bind_blob64(statement, place, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    int operator()(ValueList list) const {
      return sqlite3_bind_pointer(statement, place, &lists.emplace_back(list), kValueListType,
                                  nullptr);
    }
  };
  return std::visit(Binder{statement_, place, lists_}, value);
}

Result<bool> Prepared::next() {
  MATRICULA_ASSERT(is_running_);
  if (is_done_) {
    return false;  // a further step would run the statement anew
  }
  const int code = sqlite3_step(statement_);
  if (bus_errors() != bus_errors_at_start_) {
    is_done_ = true;
    return fail(make_error(SQLITE_CORRUPT, "a page of the mapped file could not be read",
                           sqlite3_sql(statement_)));
  }
  if (code == SQLITE_ROW) {
    return true;
  }
  is_done_ = true;
  if (code == SQLITE_DONE) {
    return false;
  }
  return fail(last_error(sqlite3_db_handle(statement_), sqlite3_sql(statement_)));
}

bool Prepared::is_null(unsigned column) const {
  return sqlite3_column_type(statement_, static_cast<int>(column)) == SQLITE_NULL;
}

std::int64_t Prepared::integer(unsigned column) const {
  return sqlite3_column_int64(statement_, static_cast<int>(column));
}

double Prepared::real(unsigned column) const {
  return sqlite3_column_double(statement_, static_cast<int>(column));
}

std::string_view Prepared::text(unsigned column) const {
  const int place = static_cast<int>(column);
  const unsigned char* const data = sqlite3_column_text(statement_, place);
  if (data == nullptr) {
    return {};
  }
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, place))};
}

Bytes Prepared::bytes(unsigned column) const {
  const int place = static_cast<int>(column);
  const void* const data = sqlite3_column_blob(statement_, place);
  if (data == nullptr) {
    return {};
  }
  return {static_cast<const std::byte*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, place))};
}

// sqlite3_column_value() gives a value that no mutex protects. A connection without mutexes, as
// ours are, has no others (SQLite, "Obtaining SQL Values"), so all may be asked of it, each for a
// fraction of what sqlite3_column_text() and its like do.
void Prepared::read(std::span<const ValueType> types, std::span<Bind> values) const {
  MATRICULA_ASSERT(values.size() >= types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    values[i] = value_of(sqlite3_column_value(statement_, static_cast<int>(i)), types[i]);
  }
}

void Prepared::finish() noexcept {
  // reset() repeats an error that next() has already returned.
  sqlite3_reset(statement_);
  // The bound texts are borrowed and may go from now on.
  sqlite3_clear_bindings(statement_);
  is_running_ = false;
}

Result<Prepared*> PreparedCache::find(const Statement& statement) {
  if (const auto found = by_id_.find(statement.id()); found != by_id_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    Prepared* const prepared = found->second->prepared.get();
    MATRICULA_ASSERT(!prepared->is_running());
    return prepared;
  }
  MATRICULA_TRY(std::unique_ptr<Prepared> fresh, Prepared::prepare(connection_, statement));
  const std::size_t bytes = fresh->bytes();
  make_room(bytes);
  bytes_ += bytes;
  entries_.push_front({statement.id(), std::move(fresh), bytes});
  by_id_.emplace(statement.id(), entries_.begin());
  return entries_.front().prepared.get();
}

void PreparedCache::make_room(std::size_t bytes) {
  const auto is_full = [&] {
    return entries_.size() >= kPreparedStatementsMax || bytes_ + bytes > kPreparedBytesMax;
  };
  for (auto entry = entries_.end(); is_full() && entry != entries_.begin();) {
    --entry;
    if (!entry->prepared->is_running()) {
      bytes_ -= entry->bytes;
      by_id_.erase(entry->id);
      entry = entries_.erase(entry);
    }
  }
}

bool PreparedCache::is_any_running() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.prepared->is_running(); });
}

}  // namespace matricula::storage::sqlite
