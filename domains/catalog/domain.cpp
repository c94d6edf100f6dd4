#include "domains/domains.h"

namespace matricula::domains::catalog {
namespace {

using planning::ListMember;
using sql::ColumnType;

// Launch links of the program in the row, by contract: ?1 is the company, ?2 the contract.
constexpr std::string_view kAllLinks =
    "(SELECT json_group_array(json_object('contractId', l.contract_id, 'launchUrl', l.launch_url))"
    " FROM (SELECT cp.contract_id, cp.launch_url FROM contracts c"
    " JOIN contract_programs cp ON cp.contract_id = c.id AND cp.program_key = t.key"
    " WHERE c.company_id = ?1 ORDER BY cp.contract_id) l)";
constexpr std::string_view kContractLinks =
    "(SELECT json_group_array(json_object('contractId', l.contract_id, 'launchUrl', l.launch_url))"
    " FROM (SELECT cp.contract_id, cp.launch_url FROM contract_programs cp"
    " WHERE cp.contract_id = ?2 AND cp.program_key = t.key) l)";

// Of type json and not text: so the store knows what its code for U+0000 became in there.
constexpr std::string_view kAllLinksPostgres =
    "(SELECT coalesce(json_agg(json_build_object('contractId', cp.contract_id, 'launchUrl',"
    " cp.launch_url) ORDER BY cp.contract_id), '[]') FROM contracts c"
    " JOIN contract_programs cp ON cp.contract_id = c.id AND cp.program_key = t.key"
    " WHERE c.company_id = ?1)";
constexpr std::string_view kContractLinksPostgres =
    "(SELECT coalesce(json_agg(json_build_object('contractId', cp.contract_id, 'launchUrl',"
    " cp.launch_url)), '[]') FROM contract_programs cp"
    " WHERE cp.contract_id = ?2 AND cp.program_key = t.key)";

std::vector<sql::Column> program_columns(std::string_view links, std::string_view postgres) {
  return {
      {.name = "key", .expression = "t.key"},
      {.name = "version", .expression = "t.version", .type = ColumnType::kInteger},
      {.name = "locale", .expression = "t.locale"},
      {.name = "type", .expression = "t.type"},
      {.name = "title", .expression = "t.title"},
      {.name = "summary", .expression = "t.summary"},
      {.name = "syllabusUrl", .expression = "t.syllabus_url"},
      {.name = "imageUrl", .expression = "t.image_url"},
      {.name = "redirectUrl", .expression = "t.redirect_url"},
      {.name = "duration", .expression = "t.duration"},
      {.name = "modifiedDate", .expression = "t.modified_date", .type = ColumnType::kTime},
      {.name = "ssoLaunchLinksByContract",
       .expression = links,
       .type = ColumnType::kJson,
       .postgres = postgres},
      {.name = "skillNames", .expression = "t.skill_names", .type = ColumnType::kJson},
      {.name = "difficultyLevel", .expression = "t.difficulty_level"},
      {.name = "supportedLanguages",
       .expression = "t.supported_languages",
       .type = ColumnType::kJson},
      {.name = "translations", .expression = "t.translations", .type = ColumnType::kJson},
  };
}

std::vector<sql::Column> assessment_columns() {
  return {
      {.name = "id", .expression = "t.id"},
      {.name = "title", .expression = "t.title"},
      {.name = "category", .expression = "t.category"},
      {.name = "passingScore", .expression = "t.passing_score", .type = ColumnType::kReal},
      {.name = "isTimed", .expression = "t.is_timed", .type = ColumnType::kBoolean},
      {.name = "timeLimit", .expression = "t.time_limit"},
      {.name = "totalQuestionsInAssessment",
       .expression = "t.total_questions_in_assessment",
       .type = ColumnType::kInteger},
  };
}

std::vector<sql::Column> plan_columns() {
  return {
      {.name = "id", .expression = "t.id"},
      {.name = "title", .expression = "t.title"},
      {.name = "key", .expression = "t.key"},
      {.name = "slug", .expression = "t.slug"},
      {.name = "steps", .expression = "t.steps", .type = ColumnType::kJson},
  };
}

// The contract is part of the tenant's condition, so it is bound but compared nowhere else.
std::vector<sql::FixedColumn> the_contract() {
  return {{.name = "contractId", .expression = ""}};
}

ListMember programs() {
  sql::Relation whole{
      .name = "programs",
      .table = "programs t",
      .tenant =
          "t.key IN (SELECT cp.program_key FROM contracts c"
          " JOIN contract_programs cp ON cp.contract_id = c.id WHERE c.company_id = ?1)",
      .fixed = {},
      .joins = {},
      .columns = program_columns(kAllLinks, kAllLinksPostgres),
      .orders = {{.name = "KEY", .key = "t.key"}},
      .ties = {{.expression = "t.locale"}},
      .filters = {}};
  sql::Relation narrowed = whole;
  narrowed.tenant =
      "t.key IN (SELECT cp.program_key FROM contracts c"
      " JOIN contract_programs cp ON cp.contract_id = c.id"
      " WHERE c.company_id = ?1 AND c.id = ?2)";
  narrowed.fixed = the_contract();
  narrowed.columns = program_columns(kContractLinks, kContractLinksPostgres);
  return {.field = "programs", .whole = std::move(whole), .narrowed = std::move(narrowed)};
}

ListMember assessments() {
  sql::Relation whole{
      .name = "assessments",
      .table = "assessments t",
      .tenant =
          "t.id IN (SELECT ca.assessment_id FROM contracts c"
          " JOIN contract_assessments ca ON ca.contract_id = c.id WHERE c.company_id = ?1)",
      .fixed = {},
      .joins = {},
      .columns = assessment_columns(),
      .orders = {{.name = "ID", .key = "t.id", .unique = true}},
      .ties = {},
      .filters = {}};
  sql::Relation narrowed = whole;
  narrowed.tenant =
      "t.id IN (SELECT ca.assessment_id FROM contracts c"
      " JOIN contract_assessments ca ON ca.contract_id = c.id"
      " WHERE c.company_id = ?1 AND c.id = ?2)";
  narrowed.fixed = the_contract();
  return {.field = "assessments", .whole = std::move(whole), .narrowed = std::move(narrowed)};
}

ListMember learning_plans() {
  sql::Relation whole{.name = "learning_plans",
                      .table = "learning_plans t",
                      .tenant = "t.company_id = ?1",
                      .fixed = {},
                      .joins = {},
                      .columns = plan_columns(),
                      .orders = {{.name = "ID", .key = "t.id", .unique = true}},
                      .ties = {},
                      .filters = {}};
  sql::Relation narrowed = whole;
  narrowed.fixed = {{.name = "contractId", .expression = "t.contract_id"}};
  return {.field = "learningPlans", .whole = std::move(whole), .narrowed = std::move(narrowed)};
}

}  // namespace

Definition define() {
  return {.mapping = {.name = "catalog",
                      .scopes = {.company = true, .catalog_company = true},
                      .roots = {planning::ObjectRoot{
                          .field = "catalog",
                          .company_field = "companyId",
                          .guard = {.argument = "contractId",
                                    .text = "SELECT 1 FROM contracts"
                                            " WHERE company_id = ?1 AND id = ?2"},
                          .lists = {programs(), assessments(), learning_plans()}}}}};
}

}  // namespace matricula::domains::catalog
