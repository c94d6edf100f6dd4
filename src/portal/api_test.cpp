#include "portal/api.h"

#include <gmock/gmock.h>

#include "auth/access/limit_overrides.h"
#include "auth/trail/use_counter.h"
#include "portal/testing.h"

namespace matricula::portal {
namespace {

using auth::good;
using ApiTest = ApiFixture;
using testing::HasSubstr;

TEST_F(ApiTest, CompaniesAreThoseTheCallerAdministersAndAllForStaff) {
  EXPECT_EQ(body("/portal/api/companies", admin({"12", "11", "99"})),
            R"({"companies":[{"id":"11","slug":"11","name":"11"},)"
            R"({"id":"12","slug":"12","name":"12"}],"more":false})");
  EXPECT_EQ(body("/portal/api/companies", admin({})), R"({"companies":[],"more":false})");
  EXPECT_THAT(body("/portal/api/companies", staff), HasSubstr(R"("slug":"13")"));
}

TEST_F(ApiTest, AnotherCompanyIsAnsweredAsOneThatDoesNotExist) {
  const auth::Principal caller = admin({"11"});
  const http::Response absent = get("/portal/api/companies/nowhere", caller);
  EXPECT_EQ(absent.status, 404);
  for (const char* path : {"/portal/api/companies/12", "/portal/api/companies/%31%32",
                           "/portal/api/companies/%zz", "/portal/api/companies//"}) {
    const http::Response foreign = get(path, caller);
    EXPECT_EQ(foreign.status, 404) << path;
    EXPECT_EQ(foreign.body, absent.body) << path;
  }
  EXPECT_EQ(get("/portal/api/companies/11", caller).status, 200);
  EXPECT_EQ(get("/portal/api/companies/12", staff).status, 200);
}

TEST_F(ApiTest, OtherPathsAreNotThere) {
  for (const char* path : {"/portal/api/", "/portal/api/company", "/portal/api/companiesx",
                           "/portal/api/companies/11//", "/portal/api/companies/11/secrets"}) {
    EXPECT_EQ(get(path, staff).status, 404) << path;
  }
}

TEST_F(ApiTest, ASlashAtTheEndMakesNoDifference) {
  for (const std::string& path :
       {std::string(), std::string("/11"), std::string("/11/tokens"), std::string("/11/audit")}) {
    const http::Response with = get("/portal/api/companies" + path + "/", staff);
    EXPECT_EQ(with.status, 200) << path;
    EXPECT_EQ(with.body, get("/portal/api/companies" + path, staff).body) << path;
  }
}

TEST_F(ApiTest, ACompanysUseHasEachOfThirtyDays) {
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(oper)));
  const auto token = good(authenticator->data_principal("Token " + made.unredacted_token));
  auth::UseCounter counter(clock);
  counter.count(*token, {});
  flush(counter);
  clock.advance(std::chrono::hours(24));
  counter.count(*token, {});
  counter.count(*token, {});
  counter.count_refused(*token, {});
  flush(counter);
  const std::string text = body("/portal/api/companies/11", admin({"11"}));
  EXPECT_THAT(text, HasSubstr(R"("answered":1,"refused":0},{"day":")"));
  EXPECT_THAT(text, HasSubstr(R"("answered":2,"refused":1}],"sources":[]})"));
  std::size_t days = 0;
  for (std::size_t at = text.find("\"day\""); at != std::string_view::npos;
       at = text.find("\"day\"", at + 1)) {
    ++days;
  }
  EXPECT_EQ(days, 30U);
  EXPECT_THAT(body("/portal/api/companies/12", staff), testing::Not(HasSubstr(R"("answered":1)")));
}

TEST_F(ApiTest, LimitsAreTheServersUnlessTheCompanyOrACredentialHasItsOwn) {
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto other = good(credentials.create({.company_ids = {"12"}}, as(oper)));
  EXPECT_THAT(body("/portal/api/companies/11", staff),
              HasSubstr(R"("limits":{"windowSeconds":60,"requests":100,"ofCompany":false,)"
                        R"("companyRequests":200,"credentials":[]})"));
  for (const auto& [subject, id] :
       {std::pair{auth::LimitSubject::kCompany, std::string("11")},
        std::pair{auth::LimitSubject::kCredential, credential.credential.id},
        std::pair{auth::LimitSubject::kCredential, other.credential.id}}) {
    good(auth::set_limit(store.database(), clock, {.subject = subject, .id = id, .limit = 250},
                         as(oper)));
  }
  EXPECT_THAT(
      body("/portal/api/companies/11", staff),
      HasSubstr(R"("requests":250,"ofCompany":true,"companyRequests":250,"credentials":[{"id":")" +
                credential.credential.id + R"(","requests":250}]})"));
  EXPECT_THAT(get("/portal/api/companies/11", staff, {}, 0).body,
              HasSubstr(R"("requests":0,"ofCompany":true)"));
}

TEST_F(ApiTest, NothingOfItIsKeptByCaches) {
  EXPECT_EQ(get("/portal/api/companies", staff).headers.find("Cache-Control"), "no-store");
}

TEST_F(ApiTest, UseIsToldByCredentialAndEndpointForTheCompanyAlone) {
  const auto made =
      good(credentials.create({.company_ids = {"11", "12"}, .description = "Nightly"}, as(oper)));
  auth::UseCounter counter(clock);
  for (const char* company : {"11", "12"}) {
    const auto token = good(tokens.generate(
        *reader,
        {.client_id = made.client_id, .client_secret = made.client_secret, .company_id = company},
        as(anonymous)));
    const auto caller = good(authenticator->data_principal("Token " + token.unredacted_token));
    counter.count(*caller, {}, "catalog");
    counter.count_refused(*caller, {}, company == std::string_view("11") ? "catalog" : "unified");
  }
  const auto own = good(tokens.create({.description = "Trial", .company_ids = {"11"}}, as(oper)));
  counter.count(*good(authenticator->data_principal("Token " + own.unredacted_token)), {},
                "program-progress");
  flush(counter);
  EXPECT_THAT(body("/portal/api/companies/11", admin({"11"})),
              HasSubstr(R"("sources":[{"kind":"credential","id":")" + made.credential.id +
                        R"(","name":"Nightly","endpoint":"catalog","answered":1,"refused":1},)"
                        R"({"kind":"token","id":")" +
                        own.token.id +
                        R"(","name":"Trial","endpoint":"program-progress","answered":1,)"
                        R"("refused":0}]})"));
}

}  // namespace
}  // namespace matricula::portal
