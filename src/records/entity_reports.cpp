// The part of EntityWriter that reports to its ChangeLog what a record means for companies.
#include <array>

#include "records/entity_writer.h"
#include "records/plan_resources.h"
#include "records/row_values.h"
#include "records/statement_rows.h"
#include "storage/each_row.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

constexpr std::string_view kAddResources =
    "INSERT INTO plan_resources(company_id, entity, key, plan_id) ";

struct Statements {
  const Statement contract_company{"SELECT company_id FROM contracts WHERE id = ?1"};
  const Statement contract_programs{
      "SELECT program_key FROM contract_programs WHERE contract_id = ?1"};
  const Statement contract_assessments{
      "SELECT assessment_id FROM contract_assessments WHERE contract_id = ?1"};
  const Statement plan_company{"SELECT company_id FROM learning_plans WHERE id = ?1"};
  const Statement plan_resources{
      "SELECT company_id, entity, key FROM plan_resources WHERE plan_id = ?1"};
  const Statement drop_resources{"DELETE FROM plan_resources WHERE plan_id = ?1"};
  const Statement add_resources_sqlite{
      std::string(kAddResources) +
      plan_resources_sql(sql::Dialect::kSqlite,
                         "(SELECT ?1 AS id, ?2 AS company_id, ?3 AS steps)")};
  const Statement add_resources_postgres{
      std::string(kAddResources) +
      plan_resources_sql(sql::Dialect::kPostgres,
                         "(SELECT ?1::text AS id, ?2::text AS company_id, ?3::text AS steps)")};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

}  // namespace

// After a put.
Result<void> EntityWriter::note_put(Session& session, std::span<const Bind> values) {
  if (entity_.id == EntityId::kLearningPlans) {
    MATRICULA_CHECK(set_plan_resources(session, values));
  }
  return note_row(session, values);
}

// Before a deletion. `values` hold the key.
Result<void> EntityWriter::note_removal(Session& session, std::span<const Bind> values) {
  if (entity_.id == EntityId::kLearningPlans) {
    MATRICULA_CHECK(drop_plan_resources(session, values[0]));
  }
  return note_row(session, values);
}

Result<void> EntityWriter::note_row(Session& session, std::span<const Bind> values) {
  RowKey row{entity_.id, std::string(text_of(values[0]))};
  switch (entity_.id) {
    case EntityId::kPrograms:
      row.part = text_of(values[2]);  // the locale
      break;
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments: {
      row.part = text_of(values[1]);
      MATRICULA_TRY(const Reference* const contract,
                    references_.find(session, EntityId::kContracts, values[0]));
      if (contract->exists) {
        MATRICULA_CHECK(changes_.note_coverage(session, contract->company,
                                               entity_.id == EntityId::kContractPrograms
                                                   ? EntityId::kPrograms
                                                   : EntityId::kAssessments,
                                               text_of(values[1])));
      }
      break;
    }
    case EntityId::kLearningPlans:
    case EntityId::kCompanies:
    case EntityId::kContracts:
    case EntityId::kUsers:
    case EntityId::kAssessments:
    case EntityId::kProgramProgress:
    case EntityId::kAssessmentProgress:
    case EntityId::kLearningPlanProgress:
      break;
  }
  return changes_.note_row(session, std::move(row));
}

// What the contract covers goes with it to another company.
Result<void> EntityWriter::note_moved_contract(Session& session, std::string_view contract,
                                               std::string_view from, std::string_view to) {
  const auto note = [&](const Statement& statement, EntityId covering,
                        EntityId covered) -> Result<void> {
    MATRICULA_TRY(const std::vector<std::string> keys, all_texts(session, statement, {contract}));
    for (const std::string& key : keys) {
      MATRICULA_CHECK(changes_.note_row(session, {covering, std::string(contract), key}));
      MATRICULA_CHECK(changes_.note_coverage(session, from, covered, key));
      MATRICULA_CHECK(changes_.note_coverage(session, to, covered, key));
    }
    return {};
  };
  MATRICULA_CHECK(
      note(statements().contract_programs, EntityId::kContractPrograms, EntityId::kPrograms));
  return note(statements().contract_assessments, EntityId::kContractAssessments,
              EntityId::kAssessments);
}

// Updates plan_resources for a plan, and reports the programs and assessments that it names now or
// named before.
Result<void> EntityWriter::set_plan_resources(Session& session, std::span<const Bind> values) {
  MATRICULA_CHECK(drop_plan_resources(session, values[0]));
  constexpr std::size_t kSteps = 5;
  const Bind binds[] = {values[0], values[*company_], values[kSteps]};
  MATRICULA_CHECK(session.execute(dialect_ == sql::Dialect::kSqlite
                                      ? statements().add_resources_sqlite
                                      : statements().add_resources_postgres,
                                  binds));
  return note_plan_resources(session, values[0]);
}

// Reports the programs and assessments that the plan named.
Result<void> EntityWriter::drop_plan_resources(Session& session, const Bind& plan) {
  MATRICULA_CHECK(note_plan_resources(session, plan));
  const Bind binds[] = {plan};
  MATRICULA_CHECK(session.execute(statements().drop_resources, binds));
  return {};
}

Result<void> EntityWriter::note_plan_resources(Session& session, const Bind& plan) {
  struct Named {
    std::string company;
    EntityId entity;
    std::string key;
  };
  std::vector<Named> all;
  const Bind binds[] = {plan};
  MATRICULA_CHECK(
      each_row(session, statements().plan_resources, binds, [&](const storage::Rows& row) {
        all.push_back({std::string(row.text(0)), static_cast<EntityId>(row.integer(1)),
                       std::string(row.text(2))});
      }));
  for (const Named& named : all) {
    MATRICULA_CHECK(changes_.note_coverage(session, named.company, named.entity, named.key));
  }
  return {};
}

// A stored attempt may move away from its company, its user or its assessment.
Result<void> EntityWriter::note_attempt_left(Session& session, std::span<const Bind> values) {
  const auto found = attempts_.find(std::string(text_of(values[kAttemptId])));
  if (found == attempts_.end()) {
    return {};
  }
  const Attempt before = found->second;
  const auto* const user = std::get_if<Bytes>(&values[kAttemptUser]);
  found->second = {.company = std::string(text_of(values[*company_])),
                   .assessment = std::string(text_of(values[kAttemptAssessment])),
                   .user = user == nullptr ? "" : std::string(storage::as_text(*user))};
  if (before.company != found->second.company) {
    std::array<Bind, kFieldsMax> left;
    left[*company_] = std::string_view(before.company);
    left[kAttemptId] = values[kAttemptId];
    left[kAttemptAssessment] = std::string_view(before.assessment);
    if (!before.user.empty()) {
      left[kAttemptUser] = std::as_bytes(std::span(before.user));
    }
    return changes_.note_removed(session, entity_,
                                 std::span<const Bind>(left).first(entity_.fields.size()));
  }
  if (before.assessment != found->second.assessment) {
    MATRICULA_CHECK(
        changes_.note_coverage(session, before.company, EntityId::kAssessments, before.assessment));
  }
  if (before.user != found->second.user && !before.user.empty()) {
    MATRICULA_CHECK(changes_.note_coverage(session, before.company, EntityId::kUsers, before.user));
  }
  return {};
}

// `values` hold the key alone; the other fields that the report needs are read before the row is
// deleted.
Result<Outcome> EntityWriter::remove_progress(Session& session, std::span<const Bind> values) {
  std::array<Bind, kFieldsMax> full;
  std::copy(values.begin(), values.end(), full.begin());
  std::string company;
  Attempt attempt;
  if (entity_.id == EntityId::kAssessmentProgress) {
    MATRICULA_CHECK(fetch_attempts(session, values));
    const auto found = attempts_.find(std::string(text_of(values[kAttemptId])));
    if (found == attempts_.end()) {
      return Outcome::kUnchanged;
    }
    attempt = found->second;
    full[*company_] = std::string_view(attempt.company);
    full[kAttemptAssessment] = std::string_view(attempt.assessment);
    if (!attempt.user.empty()) {
      full[kAttemptUser] = std::as_bytes(std::span(attempt.user));
    }
  } else if (entity_.id == EntityId::kLearningPlanProgress) {
    constexpr std::size_t kPlanId = 1;
    const Bind plan[] = {values[kPlanId]};
    MATRICULA_TRY(const RowsHandle rows, session.query(statements().plan_company, plan));
    MATRICULA_TRY(const bool is_there, rows->next());
    if (!is_there) {
      return Outcome::kUnchanged;
    }
    company = rows->text(0);
    full[*company_] = std::string_view(company);
  }
  MATRICULA_TRY(const bool was_there, delete_row(session, values));
  if (!was_there) {
    return Outcome::kUnchanged;
  }
  MATRICULA_CHECK(changes_.note_removed(session, entity_,
                                        std::span<const Bind>(full).first(entity_.fields.size())));
  return Outcome::kDeleted;
}

}  // namespace matricula::records
