#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

struct Company {
  std::string id;
  std::string slug;
  std::string name;
};

struct Person {
  Uuid id;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string password_hash = {};  // empty without a password
};

// What this module reads of records' tables `companies` and `users`.

Result<std::optional<Company>> find_company(storage::Session& session, std::string_view id);
Result<std::optional<Company>> find_company_by_slug(storage::Session& session,
                                                    std::string_view slug);
// By slug, the first `rows_max`.
Result<std::vector<Company>> list_companies(storage::Session& session, std::int64_t rows_max);
// kBadUserInput that names the first id without a company.
Result<void> require_companies(storage::Session& session, const std::vector<std::string>& ids);

// By e-mail address, in any case of letters.
Result<std::optional<Person>> find_person(storage::Session& session, std::string_view email);
Result<std::optional<Person>> find_person(storage::Session& session, const Uuid& id);
// By e-mail address: all who have a password or a role.
Result<std::vector<Person>> people_with_access(storage::Session& session);
// Whether progress of any kind is the person's.
Result<bool> has_records(storage::Session& session, const Uuid& id);

}  // namespace matricula::auth
