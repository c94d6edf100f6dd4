#include "auth/access/user_service.h"

#include <algorithm>
#include <fmt/format.h>

#include "auth/access/role_loss.h"
#include "auth/authentication/roles.h"
#include "auth/authentication/sessions.h"
#include "auth/callers/errors.h"
#include "auth/schema/store.h"
#include "base/assert.h"
#include "base/escape.h"
#include "base/text.h"
#include "records/limits.h"
#include "records/user_table.h"

namespace matricula::auth {
namespace {

const storage::Statement kSetPassword(
    "INSERT INTO user_passwords(user_id, hash, updated_at) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, updated_at = excluded.updated_at");
const storage::Statement kDropPassword("DELETE FROM user_passwords WHERE user_id = ?1");

constexpr std::size_t kNameBytesMax = 1'000;

Result<void> check_input(const AddUser& input) {
  const bool is_short_text = is_utf8(input.email) && input.email.size() <= records::kEmailBytesMax;
  if (!is_short_text || !records::is_email_address(input.email)) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("{} is not an e-mail address such as ada@example.com.",
                            is_short_text ? json_string(input.email) : "This"));
  }
  if (has_blank_ends(input.email) || has_control_characters(input.email)) {
    return fail(ErrorCode::kBadUserInput,
                "An e-mail address has no blanks at its ends and no control characters: remove "
                "them.");
  }
  for (const std::string* name : {&input.first_name, &input.last_name}) {
    if (!is_utf8(*name) || name->size() > kNameBytesMax) {
      return fail(ErrorCode::kBadUserInput,
                  fmt::format("A name must be UTF-8 of at most {} bytes.", kNameBytesMax));
    }
  }
  return {};
}

Result<User> user_of(storage::Session& session, const Person& person) {
  MATRICULA_TRY(const Roles roles, read_roles(session, person.id));
  User user{.id = uuid_text(person.id),
            .email = person.email,
            .first_name = person.first_name,
            .last_name = person.last_name,
            .is_staff = roles.is_staff,
            .has_password = !person.password_hash.empty()};
  for (const std::string& id : roles.admin_of) {
    MATRICULA_TRY(auto company, find_company(session, id));
    if (company) {
      user.admin_of.push_back(std::move(*company));
    }
  }
  return user;
}

Result<Person> required_person(storage::Session& session, std::string_view email) {
  MATRICULA_TRY(auto person, find_person(session, email));
  if (!person) {
    return fail(ErrorCode::kNotFound,
                "There is no user with the e-mail address \"" + std::string(email) + "\".");
  }
  return std::move(*person);
}

Result<void> require_free(storage::Session& session, std::string_view email) {
  MATRICULA_TRY(const auto taken, find_person(session, email));
  if (!taken) {
    return {};
  }
  return fail(ErrorCode::kConflict,
              "A user with the e-mail address \"" + taken->email +
                  "\" exists: give them a password with `matricula user set-password`.");
}

// A person's roles may have changed since the request was authenticated.
Result<void> require_staff_rights(storage::Session& session, const Principal& principal) {
  MATRICULA_TRY(const Principal current, with_current_roles(session, principal));
  return current.has_staff_rights() ? Result<void>() : fail(not_authorized());
}

std::string_view roles_text(const Roles& roles) {
  return roles.is_staff ? "staff" : roles.admin_of.empty() ? "no role" : "admin of companies";
}

// As each company that the person administered or administers may read it: one that is lost does
// not learn of the others.
std::string_view change_text(const RoleChange& change) {
  const auto is_kept = [&](const std::string& company) {
    return std::ranges::find(change.after.admin_of, company) != change.after.admin_of.end();
  };
  const bool is_told = change.after.is_empty() || change.after.is_staff ||
                       std::ranges::all_of(change.before.admin_of, is_kept);
  return is_told ? roles_text(change.after) : "";
}

// The companies that the person administered or administers, for the audit trail: one that loses an
// admin has to find that in its own.
std::vector<std::string> companies_of(const RoleChange& change) {
  std::vector<std::string> all = change.before.admin_of;
  all.insert(all.end(), change.after.admin_of.begin(), change.after.admin_of.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

Result<User> UserService::add(const AddUser& input, const Caller& caller) {
  AuditEvent event{
      .action = "user.add",
      .detail = std::string(roles_text({.is_staff = input.is_staff, .admin_of = input.admin_of})),
      .companies = input.admin_of};
  if (!caller.principal.has_staff_rights()) {
    return refusals_.refuse(caller, event);
  }
  MATRICULA_CHECK(check_input(input));
  MATRICULA_TRY(const std::string hash, hasher_.hash(input.password));
  const Uuid id = new_uuid();
  event.target = uuid_text(id);
  const Timestamp now = clock_.now();
  User added;
  auto written =
      database_.write(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_CHECK(require_free(session, input.email));
        MATRICULA_CHECK(require_staff_rights(session, caller.principal));
        MATRICULA_CHECK(require_companies(session, input.admin_of));
        records::UserTable table(database_.dialect());
        MATRICULA_CHECK(table.put(session, {.id = id.bytes(),
                                            .email = input.email,
                                            .first_name = input.first_name,
                                            .last_name = input.last_name}));
        MATRICULA_CHECK(run(session, kSetPassword, {id.bytes(), hash, now}));
        MATRICULA_CHECK(
            write_roles(session, id, {.is_staff = input.is_staff, .admin_of = input.admin_of}));
        MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        MATRICULA_TRY(const Person person, required_person(session, input.email));
        MATRICULA_TRY(added, user_of(session, person));
        return {};
      });
  MATRICULA_CHECK(std::move(written));
  return added;
}

Result<void> UserService::check_new(storage::Session& reader, const AddUser& input) {
  MATRICULA_CHECK(check_input(input));
  return require_free(reader, input.email);
}

Result<void> UserService::check_exists(storage::Session& reader, std::string_view email) {
  MATRICULA_CHECK(required_person(reader, email));
  return {};
}

Result<void> UserService::set_password(std::string_view email, std::string_view password,
                                       const Caller& caller) {
  AuditEvent event{.action = "user.setPassword"};
  if (!caller.principal.has_staff_rights()) {
    return refusals_.refuse(caller, event);
  }
  MATRICULA_TRY(const std::string hash, hasher_.hash(password));
  const Timestamp now = clock_.now();
  return database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(require_staff_rights(session, caller.principal));
    MATRICULA_TRY(const Person person, required_person(session, email));
    MATRICULA_CHECK(run(session, kSetPassword, {person.id.bytes(), hash, now}));
    MATRICULA_CHECK(end_sessions_of(session, person.id));
    MATRICULA_TRY(const Roles roles, read_roles(session, person.id));
    event.target = uuid_text(person.id);
    event.companies = roles.admin_of;
    return write_audit(session, audit_row(caller, event, now));
  });
}

Result<User> UserService::set_roles(std::string_view email, bool is_staff,
                                    const std::vector<std::string>& admin_of,
                                    const Caller& caller) {
  RoleChange change{.user_id = {}, .after = {.is_staff = is_staff, .admin_of = admin_of}};
  AuditEvent event{.action = "user.setRoles",
                   .detail = std::string(roles_text(change.after)),
                   .companies = admin_of};
  if (!caller.principal.has_staff_rights()) {
    return refusals_.refuse(caller, event);
  }
  const Timestamp now = clock_.now();
  User changed;
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const Person person, required_person(session, email));
        MATRICULA_CHECK(require_companies(session, admin_of));
        MATRICULA_CHECK(require_staff_rights(session, caller.principal));
        change.user_id = person.id;
        MATRICULA_TRY(change.before, read_roles(session, person.id));
        MATRICULA_CHECK(write_roles(session, person.id, change.after));
        event.target = uuid_text(person.id);
        event.companies = companies_of(change);
        event.detail = change_text(change);
        MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        MATRICULA_CHECK(end_what_roles_gave(session, change, caller, now));
        MATRICULA_TRY(changed, user_of(session, person));
        return {};
      });
  MATRICULA_CHECK(std::move(written));
  return changed;
}

Result<void> UserService::remove(std::string_view email, const Caller& caller) {
  AuditEvent event{.action = "user.remove"};
  if (!caller.principal.has_staff_rights()) {
    return refusals_.refuse(caller, event);
  }
  MATRICULA_CHECK(database_.require_all_companies());
  const Timestamp now = clock_.now();
  return database_.write(caller.write_until, [&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const Person person, required_person(session, email));
    MATRICULA_CHECK(run(session, kDropPassword, {person.id.bytes()}));
    MATRICULA_CHECK(require_staff_rights(session, caller.principal));
    RoleChange change{.user_id = person.id};
    MATRICULA_TRY(change.before, read_roles(session, person.id));
    MATRICULA_CHECK(write_roles(session, person.id, change.after));
    MATRICULA_CHECK(end_what_roles_gave(session, change, caller, now));
    MATRICULA_CHECK(end_sessions_of(session, person.id));
    MATRICULA_TRY(const bool is_referred_to, has_records(session, person.id));
    if (!is_referred_to) {
      records::UserTable table(database_.dialect());
      MATRICULA_CHECK(table.remove(session, person.id.bytes()));
    }
    event.target = uuid_text(person.id);
    event.companies = companies_of(change);
    return write_audit(session, audit_row(caller, event, now));
  });
}

Result<std::vector<User>> UserService::list(storage::Session& reader) {
  MATRICULA_TRY(const std::vector<Person> people, people_with_access(reader));
  std::vector<User> users;
  for (const Person& person : people) {
    MATRICULA_TRY(User user, user_of(reader, person));
    users.push_back(std::move(user));
  }
  return users;
}

Result<User> UserService::me(storage::Session& reader, const Principal& principal) {
  MATRICULA_TRY(const auto person, find_person(reader, principal.user_id));
  if (principal.kind != PrincipalKind::kUser || !person) {
    return fail(not_authorized());
  }
  return user_of(reader, *person);
}

}  // namespace matricula::auth
