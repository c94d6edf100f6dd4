#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "auth/callers/principal.h"
#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// What an admin of a company reads in place of the id of a credential or token that the company's
// use or audit trail names.
struct KeyName {
  bool is_credential = false;
  // The description, else the client id or the redacted token. The description is left out where
  // it may tell of other companies: of a credential that no longer covers the company, and of a
  // token that ever read a company which `viewer` does not administer.
  std::string name;
  bool operator==(const KeyName&) const = default;
};

// Without an entry for an id that is neither, and for a token that never read the company. `viewer`
// must administer the company.
Result<std::map<Uuid, KeyName>> key_names(storage::Session& reader, const Principal& viewer,
                                          std::string_view company_id, std::span<const Uuid> ids);

}  // namespace matricula::auth
