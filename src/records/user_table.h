#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// What a row of `users` says; borrowed. The texts are UTF-8.
struct User {
  storage::Bytes id;  // the 16 bytes of a UUID
  std::string_view email;
  std::string_view first_name;
  std::string_view last_name;
};

// Whether the text has the form of an e-mail address: something before the last `@` and something
// behind it, without blanks and control characters. Length and encoding are not checked.
bool is_email_address(std::string_view text);

enum class PutUser { kSame, kAdded, kReplaced };

// The result of adding many users.
struct AddedUsers {
  std::size_t added = 0;
  std::size_t unchanged = 0;
  std::vector<std::size_t> left;  // places of those that neither holds for
};

// The only writer of `users`: it keeps email_key and search in step with the other columns. Copies
// in other tables are updated when a ChangeLog settles. Within one write transaction; one thread at
// a time.
class UserTable {
 public:
  explicit UserTable(sql::Dialect dialect) : dialect_(dialect) {}
  // Adds the user, or replaces the one with this id. kConflict, with a message that names the
  // address, where it is another user's in any case of letters; nothing is then changed.
  Result<PutUser> put(storage::Session& session, const User& user);
  // Adds the users whose id and address the store does not have, and finds those that it already
  // has unchanged; the others are left to put(). No two of `users` have one id, or one address in
  // any case of letters.
  Result<AddedUsers> add_new(storage::Session& session, storage::RowCopier& copier,
                             std::span<const User> users);
  // Makes the user's address free for another one. put(), remove() or reclaim_address() for this
  // user must follow in the same transaction.
  Result<void> release_address(storage::Session& session, storage::Bytes id);
  // Gives a user the address back, also in the program progress that `company` was given meanwhile;
  // false where there is no such user any more. kConflict where another one has it now.
  Result<bool> reclaim_address(storage::Session& session, storage::Bytes id,
                               std::string_view company);
  // Whether there was such a user. Does not look for records that refer to it.
  Result<bool> remove(storage::Session& session, storage::Bytes id);

 private:
  Result<void> insert(storage::Session& session, const User& user);

  const sql::Dialect dialect_;
  std::string email_key_;
  std::string search_;
};

// Fills users.search: the lower-cased e-mail address, first name, last name and "first last", a
// line each, as storage/people_block.h has it. Precondition: all are UTF-8. users.email_key is
// to_lower(email).
void make_user_search(const User& user, std::string& out);

}  // namespace matricula::records
