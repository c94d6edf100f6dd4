#include "records/user_table.h"

#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "migrations/migrations.h"
#include "storage/testing.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::Session;
using storage::Statement;

constexpr std::array<std::byte, 16> kAda = {std::byte{1}};
constexpr std::array<std::byte, 16> kGrace = {std::byte{2}};

class UserTableTest : public testing::Test {
 protected:
  // "changed", "same", or the message of the failure.
  std::string put(Bytes id, std::string_view email, std::string_view first, std::string_view last) {
    return in_transaction([&](Session& session) -> Result<bool> {
      MATRICULA_TRY(
          const PutUser put,
          table_.put(session, {.id = id, .email = email, .first_name = first, .last_name = last}));
      return Result<bool>(put != PutUser::kSame);
    });
  }

  std::string remove(Bytes id) {
    return in_transaction([&](Session& session) { return table_.remove(session, id); });
  }

  std::int64_t matches(std::string_view needle) {
    return number("SELECT count(*) FROM users WHERE instr(search, ?1) > 0", needle);
  }

  std::int64_t number(std::string sql, std::string_view text) {
    const auto session = store_.database().open_reader();
    const Statement statement(std::move(sql));
    const Bind binds[] = {text};
    const auto rows = (*session)->query(statement, binds);
    EXPECT_TRUE(rows.has_value() && (*rows)->next().value());
    return (*rows)->integer(0);
  }

  template <typename Work>
  std::string in_transaction(Work work) {
    bool changed = false;
    const auto written = store_.database().write([&](Session& session) -> Result<void> {
      MATRICULA_TRY(changed, work(session));
      return {};
    });
    return !written ? written.error().message : changed ? "changed" : "same";
  }

  storage::TempStore store_{migrations::all()};
  UserTable table_{sql::Dialect::kSqlite};
};

TEST_F(UserTableTest, SearchTextHoldsEveryPartInLowerCase) {
  std::string search;
  make_user_search(
      {.id = {}, .email = "Ada@Example.com", .first_name = "ÁDA", .last_name = "Løvelace"}, search);
  EXPECT_EQ(search, "ada@example.com\náda\nløvelace\náda løvelace");
}

TEST_F(UserTableTest, TheSearchIndexFollowsTheUsers) {
  EXPECT_EQ(put(kAda, "Ada@Example.com", "Áda", "Lovelace"), "changed");
  EXPECT_EQ(matches("áda love"), 1);
  EXPECT_EQ(put(kAda, "Ada@Example.com", "Áda", "Lovelace"), "same");
  EXPECT_EQ(put(kAda, "Ada@Example.com", "Áda", "King"), "changed");
  EXPECT_EQ(matches("áda love"), 0);
  EXPECT_EQ(matches("áda king"), 1);
  EXPECT_EQ(remove(kAda), "changed");
  EXPECT_EQ(remove(kAda), "same");
  EXPECT_EQ(matches("áda king"), 0);
}

TEST_F(UserTableTest, AnAddressBelongsToOneUserInAnyCase) {
  EXPECT_EQ(put(kAda, "ada@example.com", "Ada", "L"), "changed");
  EXPECT_EQ(put(kGrace, "ADA@example.com", "Grace", "H"),
            "The e-mail address \"ADA@example.com\" already belongs to another user.");
  EXPECT_EQ(put(kGrace, "grace@example.com", "Grace", "H"), "changed");
  EXPECT_EQ(put(kGrace, "Ada@example.com", "Grace", "H"),
            "The e-mail address \"Ada@example.com\" already belongs to another user.");
  EXPECT_EQ(matches("grace@"), 1);
}

TEST_F(UserTableTest, AReleasedAddressIsFreeForAnotherUser) {
  EXPECT_EQ(put(kAda, "ada@example.com", "Ada", "L"), "changed");
  EXPECT_EQ(put(kGrace, "grace@example.com", "Grace", "H"), "changed");
  ASSERT_TRUE(store_.database().write([this](Session& session) -> Result<void> {
    MATRICULA_CHECK(table_.release_address(session, kAda));
    MATRICULA_CHECK(table_.put(session, {kGrace, "Ada@example.com", "Grace", "H"}));
    MATRICULA_CHECK(table_.put(session, {kAda, "grace@example.com", "Ada", "L"}));
    return {};
  }));
  EXPECT_EQ(number("SELECT count(*) FROM users WHERE email_key = ?1", "ada@example.com"), 1);
  EXPECT_EQ(matches("grace@example.com\nada"), 1);
}

}  // namespace
}  // namespace matricula::records
