#include "records/company_rows.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "records/change_sql.h"
#include "records/record_sql.h"
#include "records/statement_rows.h"

namespace matricula::records {
namespace {

using storage::Statement;

struct Counts {
  Counts() {
    for (const Entity& each : entities()) {
      statements.emplace_back(
          fmt::format("SELECT count(*) FROM {} WHERE {}", each.name, company_condition(each.id)));
    }
  }
  std::vector<Statement> statements;
};

}  // namespace

std::string company_condition(EntityId id) {
  switch (id) {
    case EntityId::kCompanies:
      return "id = ?1";
    case EntityId::kUsers:
      return "id IN (SELECT user_id FROM company_users WHERE company_id = ?1)";
    case EntityId::kPrograms:
      return fmt::format(
          "EXISTS (SELECT 1 FROM company_rows r WHERE r.company_id = ?1 AND r.entity = {} AND "
          "r.key = programs.key AND r.part = programs.locale)",
          static_cast<int>(id));
    case EntityId::kAssessments:
      return fmt::format(
          "id IN (SELECT key FROM company_rows WHERE company_id = ?1 AND entity = {})",
          static_cast<int>(id));
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments:
      return "contract_id IN (SELECT id FROM contracts WHERE company_id = ?1)";
    case EntityId::kContracts:
    case EntityId::kLearningPlans:
    case EntityId::kProgramProgress:
    case EntityId::kAssessmentProgress:
    case EntityId::kLearningPlanProgress:
      break;
  }
  return "company_id = ?1";
}

std::string select_rows_sql(const Entity& of, bool of_company) {
  return fmt::format("SELECT {} FROM {}{}{} ORDER BY {}", column_list(of), of.name,
                     of_company ? " WHERE " : "", of_company ? company_condition(of.id) : "",
                     of.order_columns);
}

bool is_of_several_companies(EntityId entity) {
  return entity == EntityId::kUsers || entity == EntityId::kPrograms ||
         entity == EntityId::kAssessments;
}

Result<bool> is_left_to_others(storage::Session& session, EntityId id, const storage::Bind& key,
                               std::string_view company) {
  const ChangeStatements& sql = change_statements(session.dialect());
  const Statement& has = id == EntityId::kUsers      ? sql.sees_user
                         : id == EntityId::kPrograms ? sql.covers_program
                                                     : sql.covers_assessment;
  MATRICULA_TRY(const bool is_of_company, has_row(session, has, {company, key}));
  if (is_of_company) {
    return false;
  }
  const Statement& companies = id == EntityId::kUsers      ? sql.companies_of_user
                               : id == EntityId::kPrograms ? sql.companies_of_program
                                                           : sql.companies_of_assessment;
  MATRICULA_TRY(const std::vector<std::string> found, all_texts(session, companies, {key}));
  return std::ranges::any_of(found, [&](const std::string& each) { return each != company; });
}

Result<std::int64_t> count_company_rows(storage::Session& session, EntityId id,
                                        std::string_view company) {
  static const Counts kCounts;
  MATRICULA_TRY(const std::optional<std::int64_t> count,
                one_integer(session, kCounts.statements[static_cast<std::size_t>(id)], {company}));
  return count.value_or(0);
}

}  // namespace matricula::records
