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

// As the gate does for one request after the other.
bool admit(CompanyCeiling& ceiling, const Principal& principal,
           std::optional<std::string_view> company, std::chrono::nanoseconds now = kStart) {
  const bool admitted = ceiling.peek(principal, company, now).admitted;
  if (admitted) {
    ceiling.charge(principal, company, now);
  }
  return admitted;
}

TEST(CompanyCeiling, IdentitiesOfOneCompanyShareIt) {
  CompanyCeiling ceiling(3);
  const Principal one = token_of({"11"});
  const Principal two = token_of({"11", "12"});
  EXPECT_TRUE(admit(ceiling, one, {}));
  EXPECT_TRUE(admit(ceiling, one, {}));
  EXPECT_TRUE(admit(ceiling, two, "11"));
  EXPECT_FALSE(ceiling.peek(one, {}, kStart).admitted);
  EXPECT_FALSE(admit(ceiling, one, {}));
  EXPECT_FALSE(admit(ceiling, two, "11"));
  EXPECT_TRUE(admit(ceiling, two, "12"));
  EXPECT_TRUE(admit(ceiling, one, {}, kStart + std::chrono::seconds(60)));
}

TEST(CompanyCeiling, ARequestForNoCompanyIsNotCounted) {
  CompanyCeiling ceiling(1);
  const Principal token = token_of({"11", "12"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(admit(ceiling, token, {}));
    EXPECT_TRUE(admit(ceiling, token, "13"));
    EXPECT_TRUE(admit(ceiling, token_of({}), {}));
  }
  EXPECT_TRUE(admit(ceiling, token, "11"));
  EXPECT_FALSE(admit(ceiling, token, "11"));
}

TEST(CompanyCeiling, ALimitOfItsOwnLiftsTheCeilingForThatIdentity) {
  CompanyCeiling ceiling(1);
  EXPECT_TRUE(admit(ceiling, token_of({"11"}), {}));
  EXPECT_FALSE(admit(ceiling, token_of({"11"}), {}));
  EXPECT_TRUE(admit(ceiling, token_of({"11"}, 2), {}));
  EXPECT_FALSE(admit(ceiling, token_of({"11"}, 2), {}));
  EXPECT_TRUE(admit(ceiling, token_of({"11"}, 0), {}));
}

TEST(CompanyCeiling, WhatWasAdmittedTogetherBeyondItCounts) {
  using std::chrono::seconds;
  CompanyCeiling ceiling(3);
  const Principal token = token_of({"11"});
  EXPECT_TRUE(admit(ceiling, token, {}, kStart));
  EXPECT_TRUE(admit(ceiling, token, {}, kStart + seconds(1)));
  EXPECT_TRUE(ceiling.peek(token, {}, kStart + seconds(2)).admitted);
  for (int i = 0; i < 4; ++i) {
    ceiling.charge(token, {}, kStart + seconds(2));
  }
  EXPECT_FALSE(ceiling.peek(token, {}, kStart + seconds(60)).admitted);
  EXPECT_FALSE(ceiling.peek(token, {}, kStart + seconds(61)).admitted);
  EXPECT_TRUE(ceiling.peek(token, {}, kStart + seconds(62)).admitted);
}

TEST(CompanyCeiling, ZeroIsOff) {
  CompanyCeiling ceiling(0);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(admit(ceiling, token_of({"11"}), {}));
  }
}

}  // namespace
}  // namespace matricula::auth
