#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/callers/caller.h"
#include "auth/schema/directory.h"
#include "auth/secrets/password.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// A person and what they may do here. `User` of the tokens schema and more.
struct User {
  std::string id;
  std::string email;
  std::string first_name;
  std::string last_name;
  bool is_staff = false;
  bool has_password = false;
  std::vector<Company> admin_of = {};
};

struct AddUser {
  std::string email;
  std::string first_name = {};
  std::string last_name = {};
  bool is_staff = false;
  std::vector<std::string> admin_of = {};  // company ids
  std::string password = {};
};

// People. Changes are for the operator and staff; anyone else is kUnauthorized. Every change and
// its audit row are one transaction. Hashing a password takes tens of milliseconds: never on an
// event loop. Safe to call from any thread.
class UserService {
 public:
  UserService(storage::Database& database, PasswordHasher& hasher, Refusals& refusals,
              const Clock& clock)
      : database_(database), hasher_(hasher), refusals_(refusals), clock_(clock) {}

  // kConflict for an e-mail address that exists, in any case.
  Result<User> add(const AddUser& input, const Caller& caller);
  // What add() would refuse now of all but the password: to be asked before one is typed.
  Result<void> check_new(storage::Session& reader, const AddUser& input);
  // kNotFound where there is no such e-mail address.
  Result<void> check_exists(storage::Session& reader, std::string_view email);
  // Ends the person's sessions. kNotFound where there is no such e-mail address.
  Result<void> set_password(std::string_view email, std::string_view password,
                            const Caller& caller);
  // Replaces the person's roles from the next request on, and ends what lost roles gave in the same
  // transaction: see role_loss.h.
  Result<User> set_roles(std::string_view email, bool is_staff,
                         const std::vector<std::string>& admin_of, const Caller& caller);
  // Removes password, roles and sessions, and ends what the roles gave, as set_roles() does.
  // Deletes the person's record too, unless progress refers to it.
  Result<void> remove(std::string_view email, const Caller& caller);
  // Everyone with a password or a role, by e-mail address.
  Result<std::vector<User>> list(storage::Session& reader);
  // The logged-in user.
  Result<User> me(storage::Session& reader, const Principal& principal);

 private:
  storage::Database& database_;
  PasswordHasher& hasher_;
  Refusals& refusals_;
  const Clock& clock_;
};

}  // namespace matricula::auth
