#include "exchange/record_batch.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "base/text.h"
#include "exchange/limits.h"

namespace matricula::exchange {
namespace {

using records::EntityId;
using storage::Bind;
using storage::Bytes;
using storage::Session;

// Whether a store has very many rows of the entity; of the others it has a few thousand at most.
bool is_large(EntityId entity) {
  return entity == EntityId::kUsers || entity == EntityId::kProgramProgress ||
         entity == EntityId::kAssessmentProgress || entity == EntityId::kLearningPlanProgress;
}

std::string_view bytes_of(const Bind& value) {
  if (const auto* const bytes = std::get_if<Bytes>(&value)) {
    return storage::as_text(*bytes);
  }
  const auto* const text = std::get_if<std::string_view>(&value);
  return text == nullptr ? std::string_view() : *text;
}

}  // namespace

RecordBatch::RecordBatch(const records::Entity& entity, sql::Dialect dialect,
                         records::ChangeLog& changes, LineOutcomes& outcomes,
                         records::BroughtTimes times)
    : entity_(entity),
      outcomes_(outcomes),
      writer_(entity, dialect, changes, times),
      staging_(entity, times) {
  writer_.set_report([this](std::uint64_t line, const Result<records::Outcome>& outcome) {
    return note(line, outcome);
  });
}

Result<void> RecordBatch::take(Session& session, std::uint64_t line, const Record& record,
                               Timestamp now) {
  const auto values = std::span<const Bind>(record.values).first(entity_.fields.size());
  const bool waits = is_large(entity_.id) && !record.is_deletion && session.row_copier() != nullptr;
  if (!waits) {
    MATRICULA_CHECK(flush(session));
    return note(line, record.is_deletion ? writer_.remove(session, values)
                                         : writer_.put(session, values, now, line));
  }
  list_keys(record);
  if (waiting_.size() == kBatchRecordsMax || kept_bytes_ >= kBatchBytesMax || shares_key()) {
    MATRICULA_CHECK(flush(session));
  }
  add(line, record, now);
  return {};
}

Result<void> RecordBatch::finish(Session& session) {
  MATRICULA_CHECK(flush(session));
  return writer_.finish(session);
}

Result<void> RecordBatch::flush(Session& session) {
  MATRICULA_CHECK(put_all(session));
  clear();
  return {};
}

std::span<const Bind> RecordBatch::values_of(std::size_t place) const {
  const std::size_t width = entity_.fields.size();
  return std::span(values_).subspan(place * width, width);
}

// The keys that no two waiting records may share. Addresses are compared without case.
void RecordBatch::list_keys(const Record& record) {
  new_keys_.clear();
  if (entity_.id == EntityId::kUsers) {
    new_keys_.emplace_back(bytes_of(record.values[0]));
    new_keys_.push_back(to_lower(bytes_of(record.values[1])));
    return;
  }
  std::string& key = new_keys_.emplace_back();
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    if (entity_.fields[i].is_key) {
      const std::string_view part = bytes_of(record.values[i]);
      key += fmt::format("{}:", part.size());
      key += part;
    }
  }
}

bool RecordBatch::shares_key() const {
  return std::ranges::any_of(new_keys_,
                             [this](const std::string& key) { return keys_.contains(key); });
}

std::string_view RecordBatch::kept_text(std::string_view text) {
  auto* const place = static_cast<char*>(kept_.allocate(std::max<std::size_t>(text.size(), 1), 1));
  std::memcpy(place, text.data(), text.size());
  kept_bytes_ += text.size();
  return {place, text.size()};
}

Bind RecordBatch::kept(const Bind& value) {
  if (const auto* const text = std::get_if<std::string_view>(&value)) {
    return kept_text(*text);
  }
  if (std::holds_alternative<Bytes>(value)) {
    return std::as_bytes(std::span(kept_text(bytes_of(value))));
  }
  return value;
}

void RecordBatch::add(std::uint64_t line, const Record& record, Timestamp now) {
  waiting_.push_back({line, now});
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    values_.push_back(kept(record.values[i]));
  }
  for (std::string& key : new_keys_) {
    keys_.insert(std::move(key));
  }
}

void RecordBatch::clear() {
  waiting_.clear();
  values_.clear();
  keys_.clear();
  staged_.clear();
  kept_.release();
  kept_bytes_ = 0;
}

Result<void> RecordBatch::note(std::uint64_t line, const Result<records::Outcome>& outcome) {
  if (outcome) {
    outcomes_.count(*outcome);
    return {};
  }
  if (outcome.error().code != ErrorCode::kConflict) {
    return fail(outcome.error());
  }
  outcomes_.reject(line, outcome.error().message);
  return {};
}

Result<void> RecordBatch::put_one(Session& session, std::size_t place) {
  const Waiting& record = waiting_[place];
  return note(record.line, writer_.put(session, values_of(place), record.now, record.line));
}

Result<void> RecordBatch::put_all(Session& session) {
  if (waiting_.size() >= kBatchRecordsMin) {
    return entity_.id == EntityId::kUsers ? put_users(session, *session.row_copier())
                                          : put_rows(session, *session.row_copier());
  }
  for (std::size_t place = 0; place < waiting_.size(); ++place) {
    MATRICULA_CHECK(put_one(session, place));
  }
  return {};
}

// No two of them share an id or an address, so users whose id and address are both new can be added
// first: the outcome of the others does not depend on them.
Result<void> RecordBatch::put_users(Session& session, storage::RowCopier& copier) {
  MATRICULA_TRY(const records::AddedUsers done, writer_.add_new_users(session, copier, values_));
  outcomes_.count(records::Outcome::kChanged, done.added);
  outcomes_.count(records::Outcome::kUnchanged, done.unchanged);
  for (const std::size_t place : done.left) {
    MATRICULA_CHECK(put_one(session, place));
  }
  return {};
}

// Appends the row of the record to the staged ones; false where the record is rejected.
Result<bool> RecordBatch::stage(Session& session, std::size_t place) {
  const Waiting& record = waiting_[place];
  const auto values = values_of(place);
  const Result<records::EntityWriter::Copies> copies = writer_.check_references(session, values);
  if (!copies && copies.error().code == ErrorCode::kConflict) {
    outcomes_.reject(record.line, copies.error().message);
    return false;
  }
  if (!copies) {
    return fail(copies.error());
  }
  const records::EntityWriter::Copies kept_copies{.email_key = kept_text(copies->email_key),
                                                  .title_key = kept_text(copies->title_key)};
  MATRICULA_CHECK(writer_.stage(session, values, kept_copies, record.now, staged_));
  return true;
}

Result<void> RecordBatch::put_rows(Session& session, storage::RowCopier& copier) {
  MATRICULA_CHECK(writer_.fetch_references(session, values_));
  std::uint64_t rows = 0;
  for (std::size_t place = 0; place < waiting_.size(); ++place) {
    MATRICULA_TRY(const bool is_added, stage(session, place));
    rows += is_added ? 1 : 0;
  }
  MATRICULA_TRY(const std::uint64_t changed, staging_.merge(session, copier, staged_));
  outcomes_.count(records::Outcome::kChanged, changed);
  outcomes_.count(records::Outcome::kUnchanged, rows - changed);
  return {};
}

}  // namespace matricula::exchange
