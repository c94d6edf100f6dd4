#include "records/references.h"

#include <fmt/format.h>
#include <variant>

#include "base/assert.h"
#include "records/limits.h"
#include "sql/list_text.h"
#include "storage/many_keys.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

// The queries of find() and fetch(): the company and the copied text of records with a key.
class Lookup {
 public:
  Lookup(std::string_view table, std::string_view key, std::string_view company,
         std::string_view copied)
      : one_(select(table, key, company, copied) + " = ?1"),
        many_(select(table, key, company, copied) + " IN (" + storage::key_places() + ")") {}
  const Statement& one() const { return one_; }
  const Statement& many() const { return many_; }

 private:
  static std::string select(std::string_view table, std::string_view key, std::string_view company,
                            std::string_view copied) {
    return fmt::format("SELECT {}, {}, {} FROM {} WHERE {}", company, copied, key, table, key);
  }

  const Statement one_;
  const Statement many_;
};

struct Lookups {
  const Lookup company{"companies", "id", "''", "''"};
  const Lookup contract{"contracts", "id", "company_id", "''"};
  const Lookup user{"users", "id", "''", "email_key"};
  const Lookup program{"program_titles", "key", "''", "title_key"};
  const Lookup assessment{"assessments", "id", "''", "''"};
  const Lookup learning_plan{"learning_plans", "id", "company_id", "''"};
};

const Lookup& lookup(EntityId entity) {
  static const Lookups kAll;
  switch (entity) {
    case EntityId::kCompanies:
      return kAll.company;
    case EntityId::kContracts:
      return kAll.contract;
    case EntityId::kUsers:
      return kAll.user;
    case EntityId::kPrograms:
      return kAll.program;
    case EntityId::kAssessments:
      return kAll.assessment;
    case EntityId::kLearningPlans:
      return kAll.learning_plan;
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments:
    case EntityId::kProgramProgress:
    case EntityId::kAssessmentProgress:
    case EntityId::kLearningPlanProgress:
      break;
  }
  assertion_failed("something refers to the entity", __FILE__, __LINE__);
}

std::string_view key_text(const Bind& key) {
  if (const auto* const bytes = std::get_if<storage::Bytes>(&key)) {
    return storage::as_text(*bytes);
  }
  return std::get<std::string_view>(key);
}

struct ReferrerText {
  EntityId entity;
  std::string_view noun;
  bool in_company;
  std::string_view sql;
  // Of access data: what follows FROM, up to the column that holds the key.
  std::string_view access_key = {};
};

// Progress is searched company by company, because all its indexes begin with the company.
// Credentials and tokens count as references too: otherwise a company or person that is imported
// again under the same id would get old access back.
constexpr ReferrerText kReferrers[] = {
    {EntityId::kCompanies, "contracts", false,
     "SELECT 1 FROM contracts WHERE company_id = ?1 LIMIT 1"},
    {EntityId::kCompanies, "learning plans", false,
     "SELECT 1 FROM learning_plans WHERE company_id = ?1 LIMIT 1"},
    {EntityId::kCompanies, "program progress records", false,
     "SELECT 1 FROM program_progress WHERE company_id = ?1 LIMIT 1"},
    {EntityId::kCompanies, "assessment progress records", false,
     "SELECT 1 FROM assessment_progress WHERE company_id = ?1 LIMIT 1"},
    {EntityId::kCompanies, "admins (`matricula user set-roles` ends that)", false,
     "user_roles WHERE", "company_id"},
    {EntityId::kCompanies, "client credentials (`matricula credential revoke` ends them)", false,
     "credential_companies AS c JOIN client_credentials AS k ON k.id = c.credential_id "
     "WHERE k.revoked_at IS NULL AND",
     "c.company_id"},
    {EntityId::kCompanies, "API tokens (`matricula token revoke` ends them)", false,
     "token_scopes AS s JOIN api_tokens AS t ON t.id = s.token_id WHERE s.deleted_at IS NULL "
     "AND t.revoked_at IS NULL AND t.credential_id IS NULL AND",
     "s.scope_key"},
    {EntityId::kCompanies, "limits (`matricula limits clear` ends them)", false,
     "limit_overrides WHERE subject = 'company' AND", "id"},
    {EntityId::kContracts, "contract programs", false,
     "SELECT 1 FROM contract_programs WHERE contract_id = ?1 LIMIT 1"},
    {EntityId::kContracts, "contract assessments", false,
     "SELECT 1 FROM contract_assessments WHERE contract_id = ?1 LIMIT 1"},
    {EntityId::kContracts, "learning plans", true,
     "SELECT 1 FROM learning_plans WHERE contract_id = ?1 LIMIT 1"},
    {EntityId::kUsers, "passwords (`matricula user remove` ends them)", false,
     "user_passwords WHERE", "user_id"},
    {EntityId::kUsers, "roles (`matricula user remove` ends them)", false, "user_roles WHERE",
     "user_id"},
    {EntityId::kUsers, "program progress records", false,
     "SELECT 1 FROM companies WHERE EXISTS (SELECT 1 FROM program_progress AS p "
     "WHERE p.company_id = companies.id AND p.user_id = ?1) LIMIT 1"},
    {EntityId::kUsers, "assessment progress records", false,
     "SELECT 1 FROM companies WHERE EXISTS (SELECT 1 FROM assessment_progress AS p "
     "WHERE p.company_id = companies.id AND p.user_id = ?1) LIMIT 1"},
    {EntityId::kUsers, "learning plan progress records", false,
     "SELECT 1 FROM learning_plans WHERE EXISTS (SELECT 1 FROM learning_plan_progress AS p "
     "WHERE p.company_id = learning_plans.company_id AND p.plan_id = learning_plans.id "
     "AND p.user_id = ?1) LIMIT 1"},
    {EntityId::kPrograms, "contract programs", false,
     "SELECT 1 FROM contract_programs WHERE program_key = ?1 LIMIT 1"},
    {EntityId::kPrograms, "program progress records", false,
     "SELECT 1 FROM companies WHERE EXISTS (SELECT 1 FROM program_progress AS p "
     "WHERE p.company_id = companies.id AND p.program_key = ?1) LIMIT 1"},
    {EntityId::kAssessments, "contract assessments", false,
     "SELECT 1 FROM contract_assessments WHERE assessment_id = ?1 LIMIT 1"},
    {EntityId::kAssessments, "assessment progress records", false,
     "SELECT 1 FROM companies WHERE EXISTS (SELECT 1 FROM assessment_progress AS p "
     "WHERE p.company_id = companies.id AND p.assessment_id = ?1) LIMIT 1"},
    {EntityId::kLearningPlans, "program progress records", true,
     "SELECT 1 FROM learning_plans WHERE id = ?1 AND EXISTS (SELECT 1 FROM program_progress AS p "
     "WHERE p.company_id = learning_plans.company_id AND p.learning_plan_id = ?1)"},
    {EntityId::kLearningPlans, "assessment progress records", true,
     "SELECT 1 FROM learning_plans WHERE id = ?1 AND EXISTS (SELECT 1 FROM assessment_progress "
     "AS p WHERE p.company_id = learning_plans.company_id AND p.learning_plan_id = ?1)"},
    {EntityId::kLearningPlans, "learning plan progress records", true,
     "SELECT 1 FROM learning_plans WHERE id = ?1 AND EXISTS (SELECT 1 FROM learning_plan_progress "
     "AS p WHERE p.company_id = learning_plans.company_id AND p.plan_id = ?1)"},
};

std::string sql_of(const ReferrerText& text) {
  return text.access_key.empty()
             ? std::string(text.sql)
             : fmt::format("SELECT 1 FROM {} {} = ?1 LIMIT 1", text.sql, text.access_key);
}

}  // namespace

Result<const Reference*> References::find(Session& session, EntityId entity, const Bind& key) {
  Known& known = known_[static_cast<std::size_t>(entity)];
  const std::string_view text = key_text(key);
  if (const auto found = known.find(text); found != known.end()) {
    return &found->second;
  }
  if (known.size() >= kReferencesMax) {
    known.clear();
  }
  const Bind binds[] = {key};
  MATRICULA_TRY(const RowsHandle rows, session.query(lookup(entity).one(), binds));
  Reference reference;
  MATRICULA_TRY(reference.exists, rows->next());
  if (reference.exists) {
    reference.company = rows->text(0);
    reference.copied = rows->text(1);
  }
  return &known.emplace(text, std::move(reference)).first->second;
}

Result<void> References::fetch(Session& session, EntityId entity, std::span<const Bind> keys) {
  Known& known = known_[static_cast<std::size_t>(entity)];
  if (known.size() + keys.size() > kReferencesMax) {
    known.clear();
  }
  std::vector<Bind> unknown;
  for (const Bind& key : keys) {
    if (known.try_emplace(std::string(key_text(key))).second) {
      unknown.push_back(key);
    }
  }
  Result<void> found =
      storage::each_of_keys(session, lookup(entity).many(), unknown, [&](const storage::Rows& row) {
        const bool is_bytes = entity == EntityId::kUsers;
        known[std::string(is_bytes ? storage::as_text(row.bytes(2)) : row.text(2))] = {
            .exists = true,
            .company = std::string(row.text(0)),
            .copied = std::string(row.text(1))};
      });
  if (!found) {
    known.clear();  // a key that was not fetched must not count as missing
  }
  return found;
}

Referrers::Referrers(EntityId entity) {
  for (const ReferrerText& text : kReferrers) {
    if (text.entity == entity) {
      kinds_.push_back({text.noun, text.in_company, Statement(sql_of(text))});
    }
  }
}

Result<std::string_view> Referrers::find(Session& session, const Bind& key, Kinds kinds) const {
  const Bind binds[] = {key};
  for (const Kind& kind : kinds_) {
    if (kinds == Kinds::kOfItsCompany && !kind.in_company) {
      continue;
    }
    MATRICULA_TRY(const RowsHandle rows, session.query(kind.statement, binds));
    MATRICULA_TRY(const bool is_referred, rows->next());
    if (is_referred) {
      return kind.noun;
    }
  }
  return std::string_view();
}

std::vector<AccessReferrers> access_referrers(EntityId entity, sql::Dialect dialect) {
  std::vector<AccessReferrers> found;
  for (const ReferrerText& text : kReferrers) {
    if (text.entity == entity && !text.access_key.empty()) {
      found.push_back(
          {text.noun, fmt::format("SELECT {} FROM {} {} LIMIT 1", text.access_key, text.sql,
                                  sql::in_list(text.access_key, "?1", dialect))});
    }
  }
  return found;
}

}  // namespace matricula::records
