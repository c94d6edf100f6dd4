#include "records/change_log.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "records/change_sql.h"
#include "records/close_gaps.h"
#include "records/row_values.h"
#include "records/statement_rows.h"

// The part of ChangeLog that takes reports, keeps counters and settles progress rows.
// change_rows.cpp settles the rows of other entities.
namespace matricula::records {
namespace {

using storage::Bind;
using storage::Session;
using storage::Statement;

// The fields of a progress record that name its company, and the records that the company sees
// because of it.
struct Places {
  explicit Places(const Entity& of)
      : company(find_field(of, "companyId")),
        user(find_field(of, "userId")),
        program(find_field(of, "programKey")),
        assessment(find_field(of, "assessmentId")) {}
  std::optional<std::size_t> company;
  std::optional<std::size_t> user;
  std::optional<std::size_t> program;
  std::optional<std::size_t> assessment;
};

const Places& places_of(const Entity& of) {
  static const std::vector<Places> kAll(entities().begin(), entities().end());
  return kAll[static_cast<std::size_t>(of.id)];
}

// Empty where the value is null or the entity has no such field.
std::string_view text_at(std::span<const Bind> values, std::optional<std::size_t> place) {
  return place ? raw_text(values[*place]) : std::string_view();
}

}  // namespace

Result<ChangeLog::Company*> ChangeLog::company(Session& session, std::string_view id) {
  if (current_ != nullptr && current_->id == id) {
    return current_;
  }
  auto found = companies_.find(id);
  if (found == companies_.end()) {
    const ChangeStatements& sql = change_statements(database_.dialect());
    Company made;
    made.id = id;
    MATRICULA_TRY(const std::optional<std::int64_t> last,
                  one_integer(session, sql.read_counter, {id}));
    made.first = made.last = last.value_or(0);
    MATRICULA_TRY(const std::optional<std::int64_t> time,
                  one_integer(session, sql.last_time, {id}));
    made.last_time = time.value_or(0);
    MATRICULA_TRY(const std::optional<std::int64_t> any,
                  one_integer(session, sql.any_tombstone, {id}));
    made.has_tombstones = any.has_value();
    found = companies_.emplace(std::string(id), std::move(made)).first;
  }
  current_ = &found->second;
  return current_;
}

// A session that sees the store as it was before this write.
Result<Session*> ChangeLog::committed() {
  if (committed_ == nullptr) {
    MATRICULA_TRY(committed_, database_.open_reader());
  }
  return committed_.get();
}

Result<ChangeLog::Next> ChangeLog::next(Session& session, std::string_view company_id) {
  MATRICULA_TRY(const Company* const of, company(session, company_id));
  return Next{.number = of->last + 1, .not_before = of->last_time};
}

void ChangeLog::touch(const Company& of, EntityId entity, KeyTexts key) {
  touched_.add({of.id, entity, std::move(key)});
}

Result<void> ChangeLog::note_put(Session& session, const Entity& of, std::span<const Bind> values) {
  MATRICULA_TRY(Company* const where, company(session, text_at(values, places_of(of).company)));
  ++where->last;
  KeyTexts key = key_texts(of, values);
  if (where->has_tombstones) {
    MATRICULA_CHECK(tombstones_.drop(session, where->id, of.id, key));
  }
  touch(*where, of.id, std::move(key));
  const Places& places = places_of(of);
  if (const std::string_view user = text_at(values, places.user); !user.empty()) {
    seen_users_ += where->seen_users.emplace(user).second ? 1 : 0;
  }
  if (seen_users_ >= reports_max_) {
    MATRICULA_CHECK(add_users(session));
  }
  return note_named(session, *where, of, values);
}

Result<void> ChangeLog::note_removed(Session& session, const Entity& of,
                                     std::span<const Bind> values) {
  MATRICULA_TRY(Company* const where, company(session, text_at(values, places_of(of).company)));
  KeyTexts key = key_texts(of, values);
  MATRICULA_CHECK(add_tombstone(session, *where, of.id, key));
  touch(*where, of.id, std::move(key));
  const Places& places = places_of(of);
  if (const std::string_view user = text_at(values, places.user); !user.empty()) {
    MATRICULA_CHECK(reports_.add(session, where->id, EntityId::kUsers, user, {}));
  }
  return note_named(session, *where, of, values);
}

Result<void> ChangeLog::note_named(Session& session, const Company& where, const Entity& of,
                                   std::span<const Bind> values) {
  const Places& places = places_of(of);
  if (const std::string_view key = text_at(values, places.program); !key.empty()) {
    MATRICULA_CHECK(note_coverage(session, where.id, EntityId::kPrograms, key));
  }
  if (const std::string_view id = text_at(values, places.assessment); !id.empty()) {
    MATRICULA_CHECK(note_coverage(session, where.id, EntityId::kAssessments, id));
  }
  return {};
}

Result<void> ChangeLog::note_row(Session& session, RowKey key) {
  return reports_.add(session, {}, key.entity, key.key, key.part);
}

Result<void> ChangeLog::note_coverage(Session& session, std::string_view company_id,
                                      EntityId entity, std::string_view key) {
  return reports_.add(session, company_id, entity, key, {});
}

Result<void> ChangeLog::settle_rows(Session& session) {
  std::optional<std::string> program;  // whose title may have changed, once all locales are settled
  const auto settle_last_title = [&]() -> Result<void> {
    return program ? settle_title(session, *program) : Result<void>();
  };
  const auto settle = [&](const Report& report) -> Result<void> {
    if (report.row.entity == EntityId::kPrograms && report.row.key != program) {
      MATRICULA_CHECK(settle_last_title());
      program = report.row.key;
    }
    return settle_row(session, report.row);
  };
  MATRICULA_CHECK(reports_.take_rows(session, settle));
  return settle_last_title();
}

Result<void> ChangeLog::finish(Session& session) {
  MATRICULA_CHECK(settle_rows(session));
  MATRICULA_CHECK(add_users(session));
  const auto settle = [&](const Report& report) { return settle_coverage(session, report); };
  MATRICULA_CHECK(reports_.take_all(session, settle));
  MATRICULA_CHECK(restore_unchanged(session));
  MATRICULA_CHECK(tombstones_.flush(session));
  MATRICULA_CHECK(write_counters(session));
  committed_.reset();
  return {};
}

Result<void> ChangeLog::add_tombstone(Session& session, Company& where, EntityId entity,
                                      const KeyTexts& key) {
  where.has_tombstones = true;
  return tombstones_.add(session, where.id, entity, key, ++where.last,
                         std::max(clock_.now(), where.last_time));
}

Result<void> ChangeLog::restore_unchanged(Session& session) {
  for (const TouchedKey& touched : touched_.repeated()) {
    MATRICULA_CHECK(restore_row(session, touched));
  }
  return {};
}

// A row with the values that it had before the write gets back its number; one that was never
// committed leaves no tombstone.
Result<void> ChangeLog::restore_row(Session& session, const TouchedKey& touched) {
  MATRICULA_TRY(Session* const before_session, committed());
  MATRICULA_TRY(const ProgressState before,
                read_progress(*before_session, touched.entity, touched.company, touched.key));
  MATRICULA_TRY(const ProgressState after,
                read_progress(session, touched.entity, touched.company, touched.key));
  if (before.row.exists != after.row.exists ||
      (after.row.exists && before.row.values != after.row.values)) {
    return {};
  }
  if (after.row.exists) {
    ProgressBinds binds;
    bind_progress(touched.entity, touched.company, touched.key, binds);
    std::vector<Bind> all(binds.values.begin(),
                          binds.values.begin() + static_cast<std::ptrdiff_t>(binds.count));
    all.emplace_back(before.change_seq);
    all.push_back(before.moved_at ? Bind(*before.moved_at) : Bind());
    const Statement restore("UPDATE " + std::string(entity(touched.entity).name) +
                            " SET change_seq = ?" + std::to_string(binds.count + 1) +
                            ", moved_at = ?" + std::to_string(binds.count + 2) + " WHERE " +
                            progress_condition(touched.entity));
    MATRICULA_CHECK(session.execute(restore, all));
    return {};
  }
  return tombstones_.restore(session, *before_session, touched.company, touched.entity,
                             touched.key);
}

Result<void> ChangeLog::write_counters(Session& session) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const Timestamp now = clock_.now();
  for (auto& [id, of] : companies_) {
    if (of.is_removed) {
      MATRICULA_CHECK(drop_company(session, of));
      continue;
    }
    if (of.last > of.first) {
      MATRICULA_TRY(of.last, close_gaps(session, id, of.first, of.last));
    }
    if (of.last == of.first) {
      continue;
    }
    const Bind counter[] = {std::string_view(id), of.last};
    MATRICULA_CHECK(session.execute(sql.write_counter, counter));
    const Bind time[] = {std::string_view(id), of.last, std::max(now, of.last_time)};
    MATRICULA_CHECK(session.execute(sql.add_time, time));
  }
  return {};
}

// So that a company that is created again under the same id begins a new sequence.
Result<void> ChangeLog::drop_company(Session& session, const Company& of) {
  const Bind binds[] = {std::string_view(of.id)};
  for (const Statement& statement : change_statements(database_.dialect()).drop_company) {
    MATRICULA_CHECK(session.execute(statement, binds));
  }
  return {};
}

}  // namespace matricula::records
