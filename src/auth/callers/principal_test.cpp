#include "auth/callers/principal.h"

#include <gtest/gtest.h>

namespace matricula::auth {
namespace {

constexpr ScopeType kCatalog[] = {ScopeType::kCompany, ScopeType::kCatalogCompany};
constexpr ScopeType kProgress[] = {ScopeType::kCompany};

Principal token(std::vector<Scope> scopes) {
  return {.kind = PrincipalKind::kToken, .scopes = std::move(scopes)};
}

Error error_of(const Result<std::string>& result) {
  return result ? Error{.message = "no error"} : result.error();
}

const Error kNotAuthorized{.code = ErrorCode::kUnauthorized, .message = "not authorized"};

TEST(CompanyFor, OneScopeNeedsNoHeader) {
  EXPECT_EQ(company_for(token({{ScopeType::kCompany, "11"}}), kProgress, {}), "11");
}

TEST(CompanyFor, ATokenWithoutScopesIsNotAuthorized) {
  EXPECT_EQ(error_of(company_for(token({}), kProgress, {})), kNotAuthorized);
  EXPECT_EQ(error_of(company_for(Principal{}, kProgress, {})), kNotAuthorized);
}

TEST(CompanyFor, TheLegacyScopeCountsForTheCatalogAlone) {
  const Principal legacy = token({{ScopeType::kCatalogCompany, "11"}});
  EXPECT_EQ(company_for(legacy, kCatalog, {}), "11");
  EXPECT_EQ(error_of(company_for(legacy, kProgress, {})), kNotAuthorized);
  EXPECT_EQ(error_of(company_for(legacy, kProgress, "11")), kNotAuthorized);
}

TEST(CompanyFor, SeveralCompaniesNeedTheHeader) {
  const Principal two = token({{ScopeType::kCompany, "11"}, {ScopeType::kCompany, "12"}});
  EXPECT_EQ(error_of(company_for(two, kProgress, {})),
            (Error{.code = ErrorCode::kBadUserInput,
                   .message = "The token covers several companies: name one in the header "
                              "X-Company-Id."}));
  EXPECT_EQ(company_for(two, kProgress, "12"), "12");
}

TEST(CompanyFor, TwoScopesOfOneCompanyAreOneCompany) {
  const Principal both = token({{ScopeType::kCompany, "11"}, {ScopeType::kCatalogCompany, "11"}});
  EXPECT_EQ(company_for(both, kCatalog, {}), "11");
}

TEST(CompanyFor, AHeaderThatTheTokenDoesNotCoverIsNotAuthorizedWhateverItsScopes) {
  EXPECT_EQ(error_of(company_for(token({{ScopeType::kCompany, "11"}}), kProgress, "12")),
            kNotAuthorized);
  EXPECT_EQ(error_of(company_for(token({{ScopeType::kCompany, "11"}}), kProgress, "")),
            kNotAuthorized);
  EXPECT_EQ(
      error_of(company_for(token({{ScopeType::kCompany, "11"}, {ScopeType::kCatalogCompany, "12"}}),
                           kProgress, "12")),
      kNotAuthorized);
}

TEST(Principal, AdministersItsCompaniesAndStaffEveryCompany) {
  const Principal admin{.kind = PrincipalKind::kUser, .admin_of = {"11"}};
  EXPECT_TRUE(admin.administers("11"));
  EXPECT_FALSE(admin.administers("12"));
  EXPECT_TRUE((Principal{.kind = PrincipalKind::kUser, .is_staff = true}).administers("12"));
  EXPECT_TRUE(operator_principal().administers("12"));
  EXPECT_FALSE(Principal{}.administers("11"));
}

TEST(Principal, TheLogNamesWhoARequestIsCountedFor) {
  const Uuid id = *parse_uuid("0190163d-8694-739b-aea5-966c26f8ad91");
  const std::string text = "0190163d-8694-739b-aea5-966c26f8ad91";
  EXPECT_EQ(log_name({.kind = PrincipalKind::kToken, .token_id = id}), "token:" + text);
  EXPECT_EQ(log_name({.kind = PrincipalKind::kToken, .token_id = new_uuid(), .credential_id = id}),
            "credential:" + text);
  EXPECT_EQ(log_name({.kind = PrincipalKind::kUser, .user_id = id}), "user:" + text);
  EXPECT_EQ(log_name({}), "");
  EXPECT_EQ(log_name(operator_principal()), "");
}

}  // namespace
}  // namespace matricula::auth
