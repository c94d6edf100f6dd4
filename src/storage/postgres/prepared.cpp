#include "storage/postgres/prepared.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "storage/limits.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/text_code.h"

namespace matricula::storage::postgres {

Prepared::Prepared(const Statement& statement)
    : name_(fmt::format("s{}", statement.id())), sql_(with_dollar_parameters(statement.text())) {}

void Prepared::set_known(std::uint64_t connection, Description description) {
  known_to_ = connection;
  description_ = std::move(description);
}

void Prepared::start(ResultHandle rows, FetchMore more) {
  MATRICULA_ASSERT(!is_running_);
  is_running_ = true;
  rows_ = std::move(rows);
  more_ = std::move(more);
  row_ = -1;
}

Result<bool> Prepared::next() {
  decoded_.clear();
  if (row_ + 1 < PQntuples(rows_.get())) {
    ++row_;
    return true;
  }
  if (more_ == nullptr) {
    row_ = PQntuples(rows_.get());
    return false;
  }
  Result<ResultHandle> fetched = more_();
  if (!fetched || *fetched == nullptr) {
    more_ = nullptr;
    row_ = PQntuples(rows_.get());
    return fetched ? Result<bool>(false) : fail(std::move(fetched.error()));
  }
  rows_ = std::move(*fetched);
  row_ = 0;
  return true;
}

// Where there is no row, every column is null.
bool Prepared::is_null(unsigned column) const {
  MATRICULA_ASSERT(column < description_.columns.size());
  return row_ < 0 || row_ >= PQntuples(rows_.get()) ||
         PQgetisnull(rows_.get(), row_, static_cast<int>(column)) != 0;
}

const char* Prepared::value(unsigned column) const {
  return PQgetvalue(rows_.get(), row_, static_cast<int>(column));
}

std::size_t Prepared::length(unsigned column) const {
  return static_cast<std::size_t>(PQgetlength(rows_.get(), row_, static_cast<int>(column)));
}

std::int64_t Prepared::integer(unsigned column) const {
  return is_null(column) ? 0 : read_integer(value(column), description_.columns[column]);
}

double Prepared::real(unsigned column) const {
  return is_null(column) ? 0.0 : read_real(value(column), description_.columns[column]);
}

std::string_view Prepared::text(unsigned column) const {
  if (is_null(column)) {
    return {};
  }
  const std::string_view stored(value(column), length(column));
  if (description_.columns[column] == kJsonOid) {
    if (!has_coded_escape(stored)) {
      return stored;
    }
    append_decoded_json(decoded_.emplace_back(), stored);
    return decoded_.back();
  }
  if (!is_coded(stored)) {
    return stored;
  }
  append_decoded(decoded_.emplace_back(), stored);
  return decoded_.back();
}

Bytes Prepared::bytes(unsigned column) const {
  if (is_null(column)) {
    return {};
  }
  return {reinterpret_cast<const std::byte*>(value(column)), length(column)};
}

void Prepared::finish() noexcept {
  is_running_ = false;
  rows_.reset();
  more_ = nullptr;
  decoded_.clear();
}

Prepared& PreparedCache::find(const Statement& statement, std::uint64_t connection,
                              std::vector<std::string>& forgotten) {
  const auto found = by_id_.find(statement.id());
  if (found != by_id_.end()) {
    MATRICULA_ASSERT(!found->second->prepared->is_running());
    entries_.splice(entries_.begin(), entries_, found->second);
    return *entries_.front().prepared;
  }
  make_room(statement.text().size(), connection, forgotten);
  // Nothing is added where memory runs out.
  std::list<Entry> added;
  added.push_front(
      {statement.id(), std::make_unique<Prepared>(statement), statement.text().size()});
  by_id_.emplace(statement.id(), added.begin());
  entries_.splice(entries_.begin(), added);
  text_ += statement.text().size();
  return *entries_.front().prepared;
}

Prepared* PreparedCache::known(const Statement& statement) const {
  const auto found = by_id_.find(statement.id());
  return found == by_id_.end() ? nullptr : found->second->prepared.get();
}

void PreparedCache::make_room(std::size_t text, std::uint64_t connection,
                              std::vector<std::string>& forgotten) {
  const auto is_full = [&] {
    return entries_.size() >= kPreparedStatementsMax || text_ + text > kPreparedTextMax;
  };
  // The newest entry is kept: its statement is being sent, and this call is for one ahead of it.
  for (auto entry = entries_.end();
       is_full() && entries_.size() > 1 && entry != std::next(entries_.begin());) {
    --entry;
    if (!entry->prepared->is_running()) {
      if (entry->prepared->known_to() == connection) {
        forgotten.push_back(entry->prepared->name());
      }
      text_ -= entry->text;
      by_id_.erase(entry->id);
      entry = entries_.erase(entry);
    }
  }
}

bool PreparedCache::is_any_running() const {
  return std::ranges::any_of(entries_,
                             [](const Entry& entry) { return entry.prepared->is_running(); });
}

}  // namespace matricula::storage::postgres
