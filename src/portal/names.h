#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "auth/access/company_tokens.h"
#include "auth/access/key_names.h"
#include "auth/callers/principal.h"
#include "auth/schema/directory.h"
#include "auth/trail/audit.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::portal {

// Names of people, credentials and tokens in place of their ids, as an admin of one company may
// read them. Each is looked up once, those of many rows together by learn(). For one reply, on one
// thread; fails only as the store does.
class Names {
 public:
  // All must outlive it. `viewer` must administer the company.
  Names(storage::Session& reader, const auth::Principal& viewer, const auth::Company& company)
      : reader_(reader), viewer_(viewer), company_(company) {}

  // Looks up the credentials and tokens with these ids, and those that these rows name.
  Result<void> learn(std::span<const auth::Uuid> ids);
  Result<void> learn(std::span<const auth::AuditRow> rows);
  Result<void> learn(std::span<const auth::CompanyToken> tokens);

  // Who acted, such as `ada@example.com`, `credential Nightly sync`, `operator`.
  Result<std::string> actor(const auth::AuditRow& row);
  // The target of an action; nullopt where it has no name but its id.
  Result<std::optional<std::string>> target(const auth::AuditRow& row);
  // The maker of a token.
  Result<std::string> maker(const auth::CompanyToken& token);
  // nullopt for an id that is neither a credential's nor a token's.
  Result<std::optional<auth::KeyName>> key(const auth::Uuid& id);

 private:
  Result<std::optional<std::string>> person(const auth::Uuid& id);

  storage::Session& reader_;
  const auth::Principal& viewer_;
  const auth::Company& company_;
  std::map<auth::Uuid, std::optional<std::string>> people_;
  std::map<auth::Uuid, std::optional<auth::KeyName>> keys_;
};

}  // namespace matricula::portal
