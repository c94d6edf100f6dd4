#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

struct Company {
  std::string id;
  std::string slug;
  std::string name;
};

// What this module reads of records' tables `companies` and `users`.

Result<std::optional<Company>> find_company(storage::Session& session, std::string_view id);
// kBadUserInput that names the first id without a company.
Result<void> require_companies(storage::Session& session, const std::vector<std::string>& ids);

}  // namespace matricula::auth
