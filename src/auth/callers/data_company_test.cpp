#include "auth/callers/data_company.h"

#include <gtest/gtest.h>

namespace matricula::auth {
namespace {

constexpr auto kRefused = "UNAUTHORIZED not authorized";
constexpr auto kSeveral =
    "BAD_USER_INPUT You may read several companies: name one in the header X-Company-Id or by "
    "?company=.";

std::string company(const Principal& principal, std::optional<std::string_view> chosen = {}) {
  const auto answer = data_company(principal, chosen);
  return answer ? *answer
                : std::string(error_name(answer.error().code)) + " " + answer.error().message;
}

Principal token(std::vector<Scope> scopes, Restrictions restrictions = {}) {
  return {.kind = PrincipalKind::kToken,
          .scopes = std::move(scopes),
          .restrictions = std::move(restrictions)};
}

TEST(DataCompany, ATokenReadsACompanyOfItsScopes) {
  EXPECT_EQ(company(token({{ScopeType::kCompany, "11"}})), "11");
  const Principal two = token({{ScopeType::kCompany, "11"}, {ScopeType::kCompany, "12"}});
  EXPECT_EQ(company(two), kSeveral);
  EXPECT_EQ(company(two, "12"), "12");
  EXPECT_EQ(company(two, "13"), kRefused);
  EXPECT_EQ(company(two, ""), kRefused);
  EXPECT_EQ(company(token({})), kRefused);
  EXPECT_EQ(company(token({{ScopeType::kCatalogCompany, "11"}})), kRefused);
}

TEST(DataCompany, ACredentialHeldToSomeEndpointsReadsOnlyWhereAllFourAreAmongThem) {
  const std::vector<Scope> scopes = {{ScopeType::kCompany, "11"}};
  EXPECT_EQ(company(token(scopes, {.endpoints = {"catalog", "program-progress"}})), kRefused);
  EXPECT_EQ(company(token(scopes, {.endpoints = {"program-progress", "assessment-progress",
                                                 "learning-plan-progress", "catalog"}})),
            "11");
}

TEST(DataCompany, APersonReadsWhatTheyAdminister) {
  Principal person{.kind = PrincipalKind::kUser};
  EXPECT_EQ(company(person), kRefused);
  person.admin_of = {"11"};
  EXPECT_EQ(company(person), "11");
  EXPECT_EQ(company(person, "12"), kRefused);
  person.admin_of = {"11", "12"};
  EXPECT_EQ(company(person), kSeveral);
  EXPECT_EQ(company(person, "12"), "12");
  const Principal staff{.kind = PrincipalKind::kUser, .is_staff = true};
  EXPECT_EQ(company(staff), kSeveral);
  EXPECT_EQ(company(staff, "13"), "13");
  EXPECT_EQ(company(Principal{}), kRefused);
}

}  // namespace
}  // namespace matricula::auth
