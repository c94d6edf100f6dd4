#include "portal/names.h"

#include <vector>

namespace matricula::portal {
namespace {

// The credential or token that acted, if it was one.
std::optional<auth::Uuid> acting_key(const auth::AuditRow& row) {
  return row.actor_kind == "user" ? std::nullopt : auth::parse_uuid(row.actor_id);
}

// The id of the target, if that is a person's.
std::optional<auth::Uuid> person_acted_on(const auth::AuditRow& row) {
  return row.action.starts_with("user.") ? auth::parse_uuid(row.target) : std::nullopt;
}

// The id of the target, if that may be a credential's or a token's.
std::optional<auth::Uuid> key_acted_on(const auth::AuditRow& row) {
  return row.action.starts_with("user.") ? std::nullopt : auth::parse_uuid(row.target);
}

}  // namespace

Result<void> Names::learn(std::span<const auth::Uuid> ids) {
  std::vector<auth::Uuid> unknown;
  for (const auth::Uuid& id : ids) {
    if (keys_.emplace(id, std::nullopt).second) {
      unknown.push_back(id);
    }
  }
  MATRICULA_TRY(auto found, auth::key_names(reader_, viewer_, company_.id, unknown));
  for (auto& [id, name] : found) {
    keys_[id] = std::move(name);
  }
  return {};
}

Result<void> Names::learn(std::span<const auth::AuditRow> rows) {
  std::vector<auth::Uuid> ids;
  for (const auth::AuditRow& row : rows) {
    for (const auto& id : {acting_key(row), key_acted_on(row)}) {
      if (id) {
        ids.push_back(*id);
      }
    }
  }
  return learn(ids);
}

Result<void> Names::learn(std::span<const auth::CompanyToken> tokens) {
  std::vector<auth::Uuid> ids;
  for (const auth::CompanyToken& token : tokens) {
    if (const auto id = auth::parse_uuid(token.credential_id.value_or(""))) {
      ids.push_back(*id);
    }
  }
  return learn(ids);
}

Result<std::optional<std::string>> Names::person(const auth::Uuid& id) {
  if (const auto known = people_.find(id); known != people_.end()) {
    return known->second;
  }
  MATRICULA_TRY(const auto found, auth::find_person(reader_, id));
  return people_.emplace(id, found ? std::optional(found->email) : std::nullopt).first->second;
}

Result<std::optional<auth::KeyName>> Names::key(const auth::Uuid& id) {
  MATRICULA_CHECK(learn(std::span(&id, 1)));
  return keys_.at(id);
}

Result<std::string> Names::actor(const auth::AuditRow& row) {
  const std::string with_id =
      row.actor_id.empty() ? row.actor_kind : row.actor_kind + " " + row.actor_id;
  if (const auto id = acting_key(row)) {
    MATRICULA_TRY(const auto named, key(*id));
    return named ? row.actor_kind + " " + named->name : with_id;
  }
  const auto id = auth::parse_uuid(row.actor_id);
  if (!id) {
    return with_id;
  }
  MATRICULA_TRY(const auto email, person(*id));
  return email.value_or(with_id);
}

Result<std::optional<std::string>> Names::target(const auth::AuditRow& row) {
  if (row.target == company_.id) {
    return std::optional(company_.name);
  }
  if (const auto id = person_acted_on(row)) {
    return person(*id);
  }
  const auto id = key_acted_on(row);
  if (!id) {
    return std::nullopt;
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
