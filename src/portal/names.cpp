#include "portal/names.h"

namespace matricula::portal {

Result<std::optional<std::string>> Names::person(const auth::Uuid& id) {
  const std::string text = auth::uuid_text(id);
  if (const auto known = people_.find(text); known != people_.end()) {
    return known->second;
  }
  MATRICULA_TRY(const auto found, auth::find_person(reader_, id));
  return people_.emplace(text, found ? std::optional(found->email) : std::nullopt).first->second;
}

Result<std::optional<auth::KeyName>> Names::key(const auth::Uuid& id) {
  const std::string text = auth::uuid_text(id);
  if (const auto known = keys_.find(text); known != keys_.end()) {
    return known->second;
  }
  MATRICULA_TRY(auto found, auth::key_name(reader_, viewer_, company_.id, id));
  return keys_.emplace(text, std::move(found)).first->second;
}

Result<std::string> Names::actor(const auth::AuditRow& row) {
  const auto id = auth::parse_uuid(row.actor_id);
  const std::string with_id =
      row.actor_id.empty() ? row.actor_kind : row.actor_kind + " " + row.actor_id;
  if (!id) {
    return with_id;
  }
  if (row.actor_kind == "user") {
    MATRICULA_TRY(const auto email, person(*id));
    return email.value_or(with_id);
  }
  MATRICULA_TRY(const auto named, key(*id));
  return named ? row.actor_kind + " " + named->name : with_id;
}

Result<std::optional<std::string>> Names::target(const auth::AuditRow& row) {
  if (row.target == company_.id) {
    return std::optional(company_.name);
  }
  const auto id = auth::parse_uuid(row.target);
  if (!id) {
    return std::nullopt;
  }
  if (row.action.starts_with("user.")) {
    return person(*id);
  }
  MATRICULA_TRY(const auto named, key(*id));
  return named ? std::optional(named->name) : std::nullopt;
}

Result<std::string> Names::maker(const auth::CompanyToken& token) {
  static const std::string kOperator = auth::uuid_text({});
  auth::AuditRow row;
  row.actor_kind = token.credential_id             ? "credential"
                   : token.created_by == kOperator ? "operator"
                                                   : "user";
  row.actor_id = row.actor_kind == "operator" ? std::string() : token.created_by;
  return actor(row);
}

}  // namespace matricula::portal
