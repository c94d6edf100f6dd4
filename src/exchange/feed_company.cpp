#include "exchange/feed_company.h"

#include <fmt/format.h>

#include "base/escape.h"

namespace matricula::exchange {
namespace {

using records::Entity;
using records::EntityId;
using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

struct Statements {
  const Statement of_contract{"SELECT company_id FROM contracts WHERE id = ?1"};
  const Statement of_plan{"SELECT company_id FROM learning_plans WHERE id = ?1"};
  const Statement of_attempt{"SELECT company_id FROM assessment_progress WHERE attempt_id = ?1"};
};

// The statement that finds the company of a record, and the field that it takes.
struct Owner {
  const Statement* statement = nullptr;  // null: the entity's records belong to no company
  std::string_view key;
};

Owner owner_of(EntityId entity) {
  static const Statements kAll;
  switch (entity) {
    case EntityId::kContracts:
      return {&kAll.of_contract, "id"};
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments:
      return {&kAll.of_contract, "contractId"};
    case EntityId::kLearningPlans:
      return {&kAll.of_plan, "id"};
    case EntityId::kAssessmentProgress:
      return {&kAll.of_attempt, "attemptId"};
    case EntityId::kLearningPlanProgress:
      return {&kAll.of_plan, "planId"};
    case EntityId::kCompanies:
    case EntityId::kUsers:
    case EntityId::kPrograms:
    case EntityId::kAssessments:
    case EntityId::kProgramProgress:
      break;
  }
  return {};
}

}  // namespace

Result<void> FeedCompany::check(std::string_view company) {
  if (id_.empty()) {
    id_ = company;
  }
  if (id_ == company) {
    return {};
  }
  return fail(ErrorCode::kBadUserInput,
              fmt::format("is of the company {}, and lines before it are of {}; a feed is of one "
                          "company",
                          json_string(company), json_string(id_)));
}

Result<void> FeedCompany::check_named(const Entity& entity, const Record& record) {
  const std::string_view name = entity.id == EntityId::kCompanies ? "id" : "companyId";
  const std::optional<std::size_t> place = records::find_field(entity, name);
  if (!place || std::holds_alternative<std::monostate>(record.values[*place])) {
    return {};
  }
  return check(std::get<std::string_view>(record.values[*place]));
}

Result<void> FeedCompany::check_owner(Session& session, const Entity& entity,
                                      const Record& record) {
  const Owner owner = owner_of(entity.id);
  if (owner.statement == nullptr) {
    return {};
  }
  const Bind key[] = {record.values[*records::find_field(entity, owner.key)]};
  std::string company;
  {
    MATRICULA_TRY(const RowsHandle rows, session.query(*owner.statement, key));
    MATRICULA_TRY(const bool is_known, rows->next());
    if (!is_known) {
      return {};  // the checks of the record report it
    }
    company = rows->text(0);
  }
  return check(company);
}

}  // namespace matricula::exchange
