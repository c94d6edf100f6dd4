#include "auth/authentication/roles.h"

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kRead(
    "SELECT role, company_id FROM user_roles WHERE user_id = ?1 ORDER BY role, company_id");
const storage::Statement kDrop("DELETE FROM user_roles WHERE user_id = ?1");
const storage::Statement kAdd(
    "INSERT INTO user_roles(user_id, role, company_id) VALUES (?1, ?2, ?3)"
    " ON CONFLICT DO NOTHING");

}  // namespace

Result<Roles> read_roles(storage::Session& session, const Uuid& user_id) {
  Roles roles;
  MATRICULA_CHECK(each_row(session, kRead, {user_id.bytes()}, [&](const storage::Rows& rows) {
    if (rows.text(0) == "staff") {
      roles.is_staff = true;
    } else {
      roles.admin_of.push_back(text_of(rows, 1));
    }
  }));
  return roles;
}

Result<void> write_roles(storage::Session& transaction, const Uuid& user_id, const Roles& roles) {
  MATRICULA_CHECK(run(transaction, kDrop, {user_id.bytes()}));
  if (roles.is_staff) {
    MATRICULA_CHECK(
        run(transaction, kAdd, {user_id.bytes(), std::string_view("staff"), std::string_view()}));
  }
  for (const std::string& company : roles.admin_of) {
    MATRICULA_CHECK(run(transaction, kAdd, {user_id.bytes(), std::string_view("admin"), company}));
  }
  return {};
}

Result<Principal> with_current_roles(storage::Session& session, const Principal& principal) {
  Principal current = principal;
  if (principal.kind == PrincipalKind::kUser) {
    MATRICULA_TRY(Roles roles, read_roles(session, principal.user_id));
    current.is_staff = roles.is_staff;
    current.admin_of = std::move(roles.admin_of);
  }
  return current;
}

}  // namespace matricula::auth
