#include "auth/limits/company_ceiling.h"

#include <gtest/gtest.h>

namespace matricula::auth {
namespace {

constexpr std::chrono::nanoseconds kStart{0};

Principal token_of(std::vector<std::string> companies,
                   std::optional<std::uint32_t> limit = std::nullopt) {
  Principal principal{.kind = PrincipalKind::kToken, .limit = limit};
  for (std::string& company : companies) {
    principal.scopes.push_back({.type = ScopeType::kCompany, .company_id = std::move(company)});
  }
  return principal;
}

TEST(CompanyCeiling, IdentitiesOfOneCompanyShareIt) {
  CompanyCeiling ceiling(3);
  const Principal one = token_of({"11"});
  const Principal two = token_of({"11", "12"});
  EXPECT_TRUE(ceiling.admit(one, {}, kStart).admitted);
  EXPECT_TRUE(ceiling.admit(one, {}, kStart).admitted);
  EXPECT_TRUE(ceiling.admit(two, "11", kStart).admitted);
  EXPECT_FALSE(ceiling.peek(one, {}, kStart).admitted);
  EXPECT_FALSE(ceiling.admit(one, {}, kStart).admitted);
  EXPECT_FALSE(ceiling.admit(two, "11", kStart).admitted);
  EXPECT_TRUE(ceiling.admit(two, "12", kStart).admitted);
  EXPECT_TRUE(ceiling.admit(one, {}, kStart + std::chrono::seconds(60)).admitted);
}

TEST(CompanyCeiling, ARequestForNoCompanyIsNotCounted) {
  CompanyCeiling ceiling(1);
  const Principal token = token_of({"11", "12"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(ceiling.admit(token, {}, kStart).admitted);
    EXPECT_TRUE(ceiling.admit(token, "13", kStart).admitted);
    EXPECT_TRUE(ceiling.admit(token_of({}), {}, kStart).admitted);
  }
  EXPECT_TRUE(ceiling.admit(token, "11", kStart).admitted);
  EXPECT_FALSE(ceiling.admit(token, "11", kStart).admitted);
}

TEST(CompanyCeiling, ALimitOfItsOwnLiftsTheCeilingForThatIdentity) {
  CompanyCeiling ceiling(1);
  EXPECT_TRUE(ceiling.admit(token_of({"11"}), {}, kStart).admitted);
  EXPECT_FALSE(ceiling.admit(token_of({"11"}), {}, kStart).admitted);
  EXPECT_TRUE(ceiling.admit(token_of({"11"}, 2), {}, kStart).admitted);
  EXPECT_FALSE(ceiling.admit(token_of({"11"}, 2), {}, kStart).admitted);
  EXPECT_TRUE(ceiling.admit(token_of({"11"}, 0), {}, kStart).admitted);
}

TEST(CompanyCeiling, ZeroIsOff) {
  CompanyCeiling ceiling(0);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(ceiling.admit(token_of({"11"}), {}, kStart).admitted);
  }
}

}  // namespace
}  // namespace matricula::auth
