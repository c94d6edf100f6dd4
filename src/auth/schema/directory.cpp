#include "auth/schema/directory.h"

#include "auth/schema/store.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

const storage::Statement kCompany("SELECT id, slug, name FROM companies WHERE id = ?1");
const storage::Statement kCompanyBySlug("SELECT id, slug, name FROM companies WHERE slug = ?1");
const storage::Statement kCompanies("SELECT id, slug, name FROM companies ORDER BY slug LIMIT ?1");

const storage::Statement kPersonByEmail(
    "SELECT u.id, u.email, u.first_name, u.last_name, p.hash FROM users AS u"
    " LEFT JOIN user_passwords AS p ON p.user_id = u.id WHERE u.email_key = ?1");
const storage::Statement kPersonById(
    "SELECT u.id, u.email, u.first_name, u.last_name, p.hash FROM users AS u"
    " LEFT JOIN user_passwords AS p ON p.user_id = u.id WHERE u.id = ?1");
const storage::Statement kPeople(
    "SELECT u.id, u.email, u.first_name, u.last_name, p.hash FROM users AS u"
    " LEFT JOIN user_passwords AS p ON p.user_id = u.id WHERE u.id IN"
    " (SELECT user_id FROM user_passwords UNION SELECT user_id FROM user_roles)"
    " ORDER BY u.email_key");

// Company by company or plan by plan, because that is what the keys begin with.
const storage::Statement kProgramRecord(
    "SELECT 1 FROM program_progress WHERE company_id IN (SELECT id FROM companies)"
    " AND user_id = ?1 LIMIT 1");
const storage::Statement kAssessmentRecord(
    "SELECT 1 FROM assessment_progress WHERE company_id IN (SELECT id FROM companies)"
    " AND user_id = ?1 LIMIT 1");
const storage::Statement kPlanRecord(
    "SELECT 1 FROM learning_plans AS p JOIN learning_plan_progress AS r"
    " ON r.company_id = p.company_id AND r.plan_id = p.id AND r.user_id = ?1 LIMIT 1");

Company company_of(const storage::Rows& rows) {
  return {.id = text_of(rows, 0), .slug = text_of(rows, 1), .name = text_of(rows, 2)};
}

Result<std::optional<Company>> read_company(storage::Session& session,
                                            const storage::Statement& statement,
                                            std::string_view key) {
  std::optional<Company> company;
  MATRICULA_CHECK(each_row(session, statement, {key},
                           [&](const storage::Rows& rows) { company = company_of(rows); }));
  return company;
}

Person person_of(const storage::Rows& rows) {
  return {.id = uuid_of(rows.bytes(0)),
          .email = text_of(rows, 1),
          .first_name = text_of(rows, 2),
          .last_name = text_of(rows, 3),
          .password_hash = text_of(rows, 4)};
}

Result<std::optional<Person>> read_person(storage::Session& session,
                                          const storage::Statement& statement, storage::Bind key) {
  std::optional<Person> person;
  MATRICULA_CHECK(each_row(session, statement, {key},
                           [&](const storage::Rows& rows) { person = person_of(rows); }));
  return person;
}

}  // namespace

Result<std::optional<Company>> find_company(storage::Session& session, std::string_view id) {
  return read_company(session, kCompany, id);
}

Result<std::optional<Company>> find_company_by_slug(storage::Session& session,
                                                    std::string_view slug) {
  return read_company(session, kCompanyBySlug, slug);
}

Result<std::vector<Company>> list_companies(storage::Session& session, std::int64_t rows_max) {
  std::vector<Company> companies;
  MATRICULA_CHECK(each_row(session, kCompanies, {rows_max}, [&](const storage::Rows& rows) {
    companies.push_back(company_of(rows));
  }));
  return companies;
}

Result<void> require_companies(storage::Session& session, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    MATRICULA_TRY(const auto company, find_company(session, id));
    if (!company) {
      return fail(ErrorCode::kBadUserInput, "There is no company \"" + id + "\".");
    }
  }
  return {};
}

Result<std::optional<Person>> find_person(storage::Session& session, std::string_view email) {
  if (!is_utf8(email)) {
    return std::optional<Person>();
  }
  const std::string key = to_lower(email);
  return read_person(session, kPersonByEmail, key);
}

Result<std::optional<Person>> find_person(storage::Session& session, const Uuid& id) {
  return read_person(session, kPersonById, id.bytes());
}

Result<std::vector<Person>> people_with_access(storage::Session& session) {
  std::vector<Person> people;
  MATRICULA_CHECK(each_row(session, kPeople, {},
                           [&](const storage::Rows& rows) { people.push_back(person_of(rows)); }));
  return people;
}

Result<bool> has_records(storage::Session& session, const Uuid& id) {
  bool found = false;
  for (const storage::Statement* statement : {&kProgramRecord, &kAssessmentRecord, &kPlanRecord}) {
    MATRICULA_CHECK(
        each_row(session, *statement, {id.bytes()}, [&](const storage::Rows&) { found = true; }));
  }
  return found;
}

}  // namespace matricula::auth
