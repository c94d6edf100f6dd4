#include "exchange/feed_company.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/escape.h"
#include "records/statement_rows.h"

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
  const Statement company{"SELECT 1 FROM companies WHERE id = ?1"};
  // Whether a company other than ?1 has had a record.
  const Statement left_another{
      "SELECT 1 FROM companies AS c JOIN tombstones AS t ON t.company_id = c.id AND t.entity = ?2"
      " AND t.key = ?3 WHERE c.id <> ?1 LIMIT 1"};
  const Statement two_companies{"SELECT id FROM companies ORDER BY id LIMIT 2"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

// What decides of which company a record is: a contract, a plan or an attempt. The statement that
// finds the company, and the field of the record that names what decides.
struct Owner {
  const Statement* statement = nullptr;  // null: the entity's records belong to no company
  EntityId entity = EntityId::kCompanies;
  std::string_view key = {};
};

Owner owner_of(EntityId entity) {
  const Statements& all = statements();
  switch (entity) {
    case EntityId::kContracts:
      return {&all.of_contract, EntityId::kContracts, "id"};
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments:
      return {&all.of_contract, EntityId::kContracts, "contractId"};
    case EntityId::kLearningPlans:
      return {&all.of_plan, EntityId::kLearningPlans, "id"};
    case EntityId::kAssessmentProgress:
      return {&all.of_attempt, EntityId::kAssessmentProgress, "attemptId"};
    case EntityId::kLearningPlanProgress:
      return {&all.of_plan, EntityId::kLearningPlans, "planId"};
    case EntityId::kCompanies:
    case EntityId::kUsers:
    case EntityId::kPrograms:
    case EntityId::kAssessments:
    case EntityId::kProgramProgress:
      break;
  }
  return {};
}

// The company that the store says a record is of; empty where it is of none or not there.
Result<std::string> stored_owner(Session& session, const Entity& entity, const Record& record) {
  const Owner owner = owner_of(entity.id);
  if (owner.statement == nullptr) {
    return std::string();
  }
  const Bind key[] = {record.values[*records::find_field(entity, owner.key)]};
  MATRICULA_TRY(const RowsHandle rows, session.query(*owner.statement, key));
  MATRICULA_TRY(const bool is_known, rows->next());
  return is_known ? std::string(rows->text(0)) : std::string();
}

}  // namespace

Result<void> FeedCompany::check(std::string_view company) {
  if (id_.empty()) {
    id_ = company;
  }
  if (id_ == company) {
    is_named_ = true;
    return {};
  }
  return fail(
      ErrorCode::kBadUserInput,
      fmt::format("is of the company {}, and {} {}; a feed is of one company", json_string(company),
                  is_given_ ? "the feed is said to be of" : "lines before it are of",
                  json_string(id_)));
}

Result<void> FeedCompany::check_named(const FeedLine& line, const Record& record) {
  if (!line.company.empty()) {
    return check(line.company);
  }
  const Entity& entity = *line.entity;
  const std::string_view name = entity.id == EntityId::kCompanies ? "id" : "companyId";
  const std::optional<std::size_t> place = records::find_field(entity, name);
  if (!place || std::holds_alternative<std::monostate>(record.values[*place])) {
    return {};
  }
  return check(std::get<std::string_view>(record.values[*place]));
}

Result<void> FeedCompany::find(Session& session, FeedSpool& spool) {
  if (is_given_ && !is_named_) {
    MATRICULA_TRY(const bool is_known,
                  records::has_row(session, statements().company, {std::string_view(id_)}));
    return is_known ? Result<void>()
                    : fail(ErrorCode::kNotFound,
                           fmt::format("The store has no company {}, and no line brings it.",
                                       json_string(id_)));
  }
  FeedLineReader reader;
  Record record;
  const auto take = [&](std::uint64_t, std::string_view text) -> Result<void> {
    if (id_.empty()) {
      const Result<FeedLine> line = reader.read(text, record);
      MATRICULA_ASSERT(line.has_value());  // as when it was kept
      MATRICULA_TRY(id_, stored_owner(session, *line->entity, record));
    }
    return {};
  };
  for (const EntityId id : {EntityId::kContractPrograms, EntityId::kContractAssessments}) {
    if (id_.empty()) {
      MATRICULA_CHECK(spool.for_each(id, false, take));
    }
  }
  if (!id_.empty()) {
    return {};
  }
  MATRICULA_TRY(const std::vector<std::string> found,
                records::all_texts(session, statements().two_companies, {}));
  if (found.size() == 1) {
    id_ = found.front();
  }
  is_unclear_ = found.size() > 1;
  return {};
}

Result<void> FeedCompany::check_owner(Session& session, const Entity& entity,
                                      const Record& record) {
  MATRICULA_TRY(const std::string company, stored_owner(session, entity, record));
  // The checks of the record report a contract, a plan or an attempt that is not there.
  return company.empty() ? Result<void>() : check(company);
}

Result<bool> FeedCompany::is_of_another(Session& session, const Entity& entity,
                                        const Record& record) {
  MATRICULA_TRY(const std::string company, stored_owner(session, entity, record));
  if (company.empty()) {
    return false;
  }
  if (is_unclear_) {
    const Owner owner = owner_of(entity.id);
    const Bind key = record.values[*records::find_field(entity, owner.key)];
    MATRICULA_TRY(const bool has_moved,
                  records::has_row(session, statements().left_another,
                                   {company, static_cast<std::int64_t>(owner.entity), key}));
    if (has_moved) {
      return fail(ErrorCode::kBadUserInput,
                  "No line names the company of the feed, and a record that it deletes has gone "
                  "from one company to another. Give `--company ID`.");
    }
    id_ = id_.empty() ? company : id_;
  }
  return company != id_;
}

}  // namespace matricula::exchange
