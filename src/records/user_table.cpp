#include "records/user_table.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/assert.h"
#include "base/text.h"
#include "base/uuid.h"
#include "storage/many_keys.h"
#include "storage/people_block.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

struct Statements {
  const Statement find{"SELECT email, first_name, last_name, email_key FROM users WHERE id = ?1"};
  const Statement insert{
      "INSERT INTO users(id, email, email_key, first_name, last_name, search) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (email_key) DO NOTHING"};
  const Statement update{
      "UPDATE users SET email = ?2, email_key = ?3, first_name = ?4, last_name = ?5, search = ?6 "
      "WHERE id = ?1 AND NOT EXISTS "
      "(SELECT 1 FROM users AS other WHERE other.email_key = ?3 AND other.id <> ?1)"};
  const Statement find_many{"SELECT id, email, first_name, last_name FROM users WHERE id IN (" +
                            storage::key_places() + ")"};
  const Statement find_keys{"SELECT email_key FROM users WHERE email_key IN (" +
                            storage::key_places() + ")"};
  const Statement remove{"DELETE FROM users WHERE id = ?1"};
  // No address contains the control character.
  const Statement release{"UPDATE users SET email_key = ?2 WHERE id = ?1"};
  const Statement reclaim{
      "UPDATE users SET email_key = ?2 WHERE id = ?1 AND NOT EXISTS "
      "(SELECT 1 FROM users AS other WHERE other.email_key = ?2 AND other.id <> ?1)"};
  const Statement reclaim_copies{
      "UPDATE program_progress SET email_key = ?3 WHERE company_id = ?1 AND user_id = ?2 AND "
      "email_key = ?4"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

// Found without a failing statement, which would end the whole transaction on PostgreSQL.
tl::unexpected<Error> taken(std::string_view email) {
  return fail(ErrorCode::kConflict,
              fmt::format("The e-mail address \"{}\" already belongs to another user.", email));
}

// What stands for the address of a user while another one may have it.
std::string released_key(storage::Bytes id) {
  return "\x01" + uuid_text(id);
}

}  // namespace

bool is_email_address(std::string_view text) {
  // A quoted local part may hold an `@` of its own: RFC 5321, section 4.1.2.
  const std::size_t at = text.rfind('@');
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
  return is_plain && at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

void make_user_search(const User& user, std::string& out) {
  // The mapping goes code point by code point, so the parts may be lowered on their own.
  out.clear();
  storage::append_search_part(to_lower(user.email), out);
  out += '\n';
  const std::size_t first = out.size();
  storage::append_search_part(to_lower(user.first_name), out);
  const std::size_t first_end = out.size();
  out += '\n';
  const std::size_t last = out.size();
  storage::append_search_part(to_lower(user.last_name), out);
  const std::string both =
      out.substr(first, first_end - first).append(" ").append(out, last, out.size() - last);
  out.append("\n").append(both);
}

Result<void> UserTable::insert(Session& session, const User& user) {
  const Bind binds[] = {user.id,         user.email,     std::string_view(email_key_),
                        user.first_name, user.last_name, std::string_view(search_)};
  MATRICULA_TRY(const std::int64_t inserted, session.execute(statements().insert, binds));
  if (inserted == 0) {
    return taken(user.email);
  }
  return {};
}

Result<void> UserTable::release_address(Session& session, storage::Bytes id) {
  const std::string key = released_key(id);
  const Bind binds[] = {id, std::string_view(key)};
  MATRICULA_CHECK(session.execute(statements().release, binds));
  return {};
}

Result<bool> UserTable::reclaim_address(Session& session, storage::Bytes id,
                                        std::string_view company) {
  std::string email;
  {
    const Bind binds[] = {id};
    MATRICULA_TRY(const RowsHandle rows, session.query(statements().find, binds));
    MATRICULA_TRY(const bool is_known, rows->next());
    if (!is_known) {
      return false;
    }
    email = rows->text(0);
  }
  const std::string key = to_lower(email);
  const Bind binds[] = {id, std::string_view(key)};
  MATRICULA_TRY(const std::int64_t reclaimed, session.execute(statements().reclaim, binds));
  if (reclaimed == 0) {
    return taken(email);
  }
  const std::string released = released_key(id);
  const Bind copies[] = {company, id, std::string_view(key), std::string_view(released)};
  MATRICULA_CHECK(session.execute(statements().reclaim_copies, copies));
  return true;
}

Result<PutUser> UserTable::put(Session& session, const User& user) {
  email_key_ = to_lower(user.email);
  make_user_search(user, search_);
  bool is_known = false;
  {
    const Bind id[] = {user.id};
    MATRICULA_TRY(const RowsHandle rows, session.query(statements().find, id));
    MATRICULA_TRY(is_known, rows->next());
    if (is_known && rows->text(0) == user.email && rows->text(1) == user.first_name &&
        rows->text(2) == user.last_name && rows->text(3) == email_key_) {
      return PutUser::kSame;
    }
  }
  if (!is_known) {
    MATRICULA_CHECK(insert(session, user));
    return PutUser::kAdded;
  }
  const Bind binds[] = {user.id,         user.email,     std::string_view(email_key_),
                        user.first_name, user.last_name, std::string_view(search_)};
  MATRICULA_TRY(const std::int64_t updated, session.execute(statements().update, binds));
  if (updated == 0) {
    return taken(user.email);
  }
  return PutUser::kReplaced;
}

Result<AddedUsers> UserTable::add_new(Session& session, storage::RowCopier& copier,
                                      std::span<const User> users) {
  MATRICULA_ASSERT(dialect_ != sql::Dialect::kSqlite);  // it has no copier
  std::vector<Bind> ids;
  std::vector<Bind> keys;
  std::deque<std::string> texts;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t place = 0; place < users.size(); ++place) {
    ids.emplace_back(users[place].id);
    keys.emplace_back(std::string_view(texts.emplace_back(to_lower(users[place].email))));
    places.emplace(storage::as_text(users[place].id), place);
  }
  enum class Known : char { kNot, kSame, kOther };
  std::vector<Known> known(users.size(), Known::kNot);
  MATRICULA_CHECK(
      storage::each_of_keys(session, statements().find_many, ids, [&](const storage::Rows& row) {
        const std::size_t place = places.at(storage::as_text(row.bytes(0)));
        const User& user = users[place];
        const bool is_same = row.text(1) == user.email && row.text(2) == user.first_name &&
                             row.text(3) == user.last_name;
        known[place] = is_same ? Known::kSame : Known::kOther;
      }));
  std::unordered_set<std::string> taken_keys;
  MATRICULA_CHECK(
      storage::each_of_keys(session, statements().find_keys, keys,
                            [&](const storage::Rows& row) { taken_keys.emplace(row.text(0)); }));
  AddedUsers done;
  std::vector<Bind> rows;
  for (std::size_t place = 0; place < users.size(); ++place) {
    const User& user = users[place];
    const auto key = std::get<std::string_view>(keys[place]);
    if (known[place] == Known::kSame) {
      ++done.unchanged;
    } else if (known[place] == Known::kOther || taken_keys.contains(std::string(key))) {
      done.left.push_back(place);
    } else {
      ++done.added;
      std::string& search = texts.emplace_back();
      make_user_search(user, search);
      rows.insert(rows.end(), {user.id, user.email, key, user.first_name, user.last_name,
                               std::string_view(search)});
    }
  }
  if (done.added > 0) {
    MATRICULA_CHECK(
        copier.copy_rows("users", "id, email, email_key, first_name, last_name, search", rows));
  }
  return done;
}

Result<bool> UserTable::remove(Session& session, storage::Bytes id) {
  const Bind binds[] = {id};
  MATRICULA_TRY(const std::int64_t removed, session.execute(statements().remove, binds));
  return removed > 0;
}

}  // namespace matricula::records
