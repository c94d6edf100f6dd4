// The part of ChangeLog that settles rows of all entities but progress.
#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/text.h"
#include "base/uuid.h"
#include "records/change_log.h"
#include "records/change_sql.h"
#include "records/program_titles.h"
#include "records/statement_rows.h"
#include "storage/many_keys.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::Session;
using storage::Statement;

// The places in RowState::values of the fields that nodes of other records show.
constexpr std::size_t kUserEmail = 1;
constexpr std::size_t kAssessmentTitle = 1;
constexpr std::size_t kPlanTitle = 2;

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

KeyTexts texts_of(const RowKey& key) {
  return {key.entity == EntityId::kUsers ? uuid_text(bytes_of(key.key)) : key.key, key.part, ""};
}

}  // namespace

Result<void> ChangeLog::settle_row(Session& session, const RowKey& key) {
  MATRICULA_TRY(Session* const before_session, committed());
  MATRICULA_TRY(const RowState before, read_state(*before_session, key));
  MATRICULA_TRY(const RowState after, read_state(session, key));
  if (before.exists == after.exists && before.company == after.company &&
      before.values == after.values) {
    return {};
  }
  switch (key.entity) {
    case EntityId::kUsers:
      return settle_user(session, key, before, after);
    case EntityId::kPrograms:
    case EntityId::kAssessments:
      return settle_shared(session, key, before, after);
    case EntityId::kCompanies:
    case EntityId::kContracts:
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments:
    case EntityId::kLearningPlans:
    case EntityId::kProgramProgress:
    case EntityId::kAssessmentProgress:
    case EntityId::kLearningPlanProgress:
      break;
  }
  return settle_owned(session, key, before, after);
}

// A user that is new, or gone, is in no record.
Result<void> ChangeLog::settle_user(Session& session, const RowKey& key, const RowState& before,
                                    const RowState& after) {
  if (!before.exists || !after.exists) {
    return {};
  }
  const ChangeStatements& sql = change_statements(database_.dialect());
  const Bytes id = bytes_of(key.key);
  const bool has_new_email = before.values[kUserEmail] != after.values[kUserEmail];
  // Behind the first character, which is the value's type.
  const std::string email_key = to_lower(std::string_view(after.values[kUserEmail]).substr(1));
  MATRICULA_TRY(const std::vector<std::string> companies,
                all_texts(session, sql.companies_of_user, {id}));
  for (const std::string& each : companies) {
    MATRICULA_TRY(Company* const where, company(session, each));
    const Bind binds[] = {std::string_view(each), id, ++where->last};
    MATRICULA_CHECK(session.execute(sql.number_user, binds));
    MATRICULA_CHECK(move_rows(session, *where, sql.move_program_progress_of_user, id, email_key));
    if (has_new_email) {
      MATRICULA_CHECK(
          move_rows(session, *where, sql.move_assessment_progress_of_user, id, std::nullopt));
      MATRICULA_CHECK(move_rows(session, *where, sql.move_plan_progress_of_user, id, std::nullopt));
    }
  }
  return {};
}

// A program or an assessment: a row of every company that covers or names it.
Result<void> ChangeLog::settle_shared(Session& session, const RowKey& key, const RowState& before,
                                      const RowState& after) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const bool is_program = key.entity == EntityId::kPrograms;
  const std::string_view id = key.key;
  MATRICULA_TRY(
      const std::vector<std::string> companies,
      all_texts(session, is_program ? sql.companies_of_program : sql.companies_of_assessment,
                {id}));
  const bool is_renamed = !is_program && before.exists && after.exists &&
                          before.values[kAssessmentTitle] != after.values[kAssessmentTitle];
  for (const std::string& each : companies) {
    MATRICULA_TRY(Company* const where, company(session, each));
    MATRICULA_CHECK(after.exists ? number_row(session, *where, key, false)
                                 : remove_row(session, *where, key));
    if (is_renamed) {
      MATRICULA_CHECK(
          move_rows(session, *where, sql.move_assessment_progress_of_assessment, id, std::nullopt));
    }
  }
  return {};
}

Result<void> ChangeLog::settle_owned(Session& session, const RowKey& key, const RowState& before,
                                     const RowState& after) {
  if (before.exists && (!after.exists || before.company != after.company)) {
    MATRICULA_TRY(Company* const where, company(session, before.company));
    MATRICULA_CHECK(remove_row(session, *where, key));
    where->is_removed = where->is_removed || key.entity == EntityId::kCompanies;
  }
  if (!after.exists) {
    return {};
  }
  MATRICULA_TRY(Company* const where, company(session, after.company));
  MATRICULA_CHECK(number_row(session, *where, key, false));
  if (key.entity == EntityId::kLearningPlans && before.exists &&
      before.values[kPlanTitle] != after.values[kPlanTitle]) {
    return move_rows(session, *where,
                     change_statements(database_.dialect()).move_plan_progress_of_plan,
                     std::string_view(key.key), std::nullopt);
  }
  return {};
}

Result<void> ChangeLog::settle_title(Session& session, const std::string& key) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  MATRICULA_TRY(const std::optional<std::string> title_key, update_program_title(session, key));
  if (!title_key) {
    return {};
  }
  const std::string_view program = key;
  MATRICULA_TRY(const std::vector<std::string> companies,
                all_texts(session, sql.companies_with_program_progress, {program}));
  for (const std::string& each : companies) {
    MATRICULA_TRY(Company* const where, company(session, each));
    MATRICULA_CHECK(
        move_rows(session, *where, sql.move_program_progress_of_program, program, *title_key));
  }
  return {};
}

Result<void> ChangeLog::settle_coverage(Session& session, const Report& report) {
  MATRICULA_TRY(Company* const where, company(session, report.company));
  if (where->is_removed) {
    return {};
  }
  const std::string& key = report.row.key;
  if (report.row.entity == EntityId::kUsers) {
    return settle_left_user(session, *where, key);
  }
  if (report.row.entity == EntityId::kPrograms) {
    return settle_program(session, *where, key);
  }
  MATRICULA_ASSERT(report.row.entity == EntityId::kAssessments);
  return settle_assessment(session, *where, key);
}

Result<void> ChangeLog::settle_program(Session& session, Company& of, std::string_view key) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const std::string_view id = of.id;
  MATRICULA_TRY(const bool is_covered, has_row(session, sql.covers_program, {id, key}));
  if (is_covered) {
    MATRICULA_TRY(const std::vector<std::string> locales, all_texts(session, sql.locales, {key}));
    for (const std::string& locale : locales) {
      MATRICULA_CHECK(
          number_row(session, of, {EntityId::kPrograms, std::string(key), locale}, true));
    }
    return {};
  }
  MATRICULA_TRY(
      const std::vector<std::string> parts,
      all_texts(session, sql.parts_of, {id, static_cast<std::int64_t>(EntityId::kPrograms), key}));
  for (const std::string& locale : parts) {
    MATRICULA_CHECK(remove_row(session, of, {EntityId::kPrograms, std::string(key), locale}));
  }
  return {};
}

Result<void> ChangeLog::settle_assessment(Session& session, Company& of, std::string_view id) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const RowKey key{EntityId::kAssessments, std::string(id)};
  MATRICULA_TRY(const bool is_covered,
                has_row(session, sql.covers_assessment, {std::string_view(of.id), id}));
  MATRICULA_TRY(const bool is_there, has_row(session, sql.assessment, {id}));
  return is_covered && is_there ? number_row(session, of, key, true) : remove_row(session, of, key);
}

// Adds the users that records were put about and that their company does not have yet. Early, this
// may add one whose record the write deletes again: see settle_left_user().
Result<void> ChangeLog::add_users(Session& session) {
  seen_users_ = 0;
  for (auto& [id, of] : companies_) {
    if (!of.is_removed) {
      MATRICULA_CHECK(add_users(session, of));
    }
  }
  return {};
}

Result<void> ChangeLog::add_users(Session& session, Company& of) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const std::unordered_set<std::string> users = std::exchange(of.seen_users, {});
  if (of.has_tombstones) {
    for (const std::string& user : users) {
      MATRICULA_CHECK(
          tombstones_.drop(session, of.id, EntityId::kUsers, {uuid_text(bytes_of(user)), "", ""}));
    }
  }
  std::array<Bind, storage::kKeysPerStatement + 2> binds;
  auto user = users.begin();
  while (user != users.end()) {
    std::size_t count = 0;
    for (; count < storage::kKeysPerStatement; ++count) {
      // A null equals no key.
      binds[count] = user == users.end() ? Bind() : Bind(bytes_of(*user));
      user = user == users.end() ? user : std::next(user);
    }
    binds[count++] = std::string_view(of.id);
    binds[count++] = of.last;
    MATRICULA_TRY(const std::int64_t added, session.execute(sql.add_users, binds));
    of.last += added;
  }
  return {};
}

// Removes the user if no record of the company is about them any more.
Result<void> ChangeLog::settle_left_user(Session& session, Company& of, const std::string& user) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const Bind binds[] = {std::string_view(of.id), bytes_of(user)};
  MATRICULA_TRY(const bool is_seen, has_row(session, sql.sees_user, {binds[0], binds[1]}));
  if (is_seen) {
    return {};
  }
  MATRICULA_TRY(const std::int64_t removed, session.execute(sql.remove_user, binds));
  if (removed == 0) {
    return {};
  }
  MATRICULA_TRY(Session* const before, committed());
  MATRICULA_TRY(const bool was_there, has_row(*before, sql.has_user, {binds[0], binds[1]}));
  const KeyTexts key = {uuid_text(bytes_of(user)), "", ""};
  return was_there ? add_tombstone(session, of, EntityId::kUsers, key)
                   : tombstones_.restore(session, *before, of.id, EntityId::kUsers, key);
}

// With `is_new`, only where the company does not have the row.
Result<void> ChangeLog::number_row(Session& session, Company& of, const RowKey& key, bool is_new) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const Bind binds[] = {std::string_view(of.id), static_cast<std::int64_t>(key.entity),
                        std::string_view(key.key), std::string_view(key.part), of.last + 1};
  MATRICULA_TRY(const std::int64_t changed,
                session.execute(is_new ? sql.add_row : sql.number_row, binds));
  if (changed == 0) {
    return {};
  }
  ++of.last;
  return of.has_tombstones ? tombstones_.drop(session, of.id, key.entity, texts_of(key))
                           : Result<void>();
}

Result<void> ChangeLog::remove_row(Session& session, Company& of, const RowKey& key) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  const Bind binds[] = {std::string_view(of.id), static_cast<std::int64_t>(key.entity),
                        std::string_view(key.key), std::string_view(key.part)};
  MATRICULA_TRY(const std::int64_t removed, session.execute(sql.remove_row, binds));
  return removed > 0 ? add_tombstone(session, of, key.entity, texts_of(key)) : Result<void>();
}

// Runs a statement of ChangeStatements that moves rows, and gives each the next number.
Result<void> ChangeLog::move_rows(Session& session, Company& of, const Statement& statement,
                                  const Bind& parent, std::optional<std::string_view> copied) {
  const std::array<Bind, 5> binds = {std::string_view(of.id), parent,
                                     std::max(clock_.now(), of.last_time), of.last,
                                     copied ? Bind(*copied) : Bind()};
  MATRICULA_TRY(const std::int64_t moved,
                session.execute(statement, std::span(binds).first(copied ? 5 : 4)));
  of.last += moved;
  return {};
}

}  // namespace matricula::records
