#include "portal/credentials.h"

#include <gmock/gmock.h>

#include "json/value.h"
#include "portal/testing.h"

namespace matricula::portal {
namespace {

using auth::good;
using testing::HasSubstr;

struct CredentialsTest : ApiFixture {
  static std::string member(const http::Response& response, std::string_view name) {
    const json::Value value = good(json::read(response.body));
    return std::get<std::string>(value.member(name)->data);
  }
  auth::ClientCredential only() { return good(credentials.list(*reader, oper, {})).at(0); }
  std::string refusal(std::string_view path, std::string_view body) {
    const http::Response response = send(path, admin({"11"}), body);
    return std::to_string(response.status) + " " + response.body;
  }
};

TEST_F(CredentialsTest, ACompanyIsTakenAwayFromACredentialByPost) {
  const auto shared = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const auto path = [&](const std::string& company) {
    return "/portal/api/companies/" + company + "/credentials/" + shared.credential.id +
           "/withdraw";
  };
  const auth::Principal caller = admin({"11"});
  EXPECT_EQ(get(path("11"), caller).status, 405);
  EXPECT_EQ(post(path("12"), caller), 404);
  EXPECT_EQ(post("/portal/api/companies/11/credentials/none/withdraw", caller), 404);
  EXPECT_EQ(post(path("11"), caller), 204);
  EXPECT_EQ(good(credentials.list(*reader, oper, {}))[0].company_ids,
            std::vector<std::string>{"12"});
  EXPECT_EQ(post(path("11"), caller), 404);
  EXPECT_EQ(post("/portal/api/companies/11/tokens", caller), 405);
  EXPECT_EQ(post("/portal/api/companies", caller), 405);
}

TEST_F(CredentialsTest, ACredentialIsMadeWithItsRestrictions) {
  const http::Response made =
      send("/portal/api/companies/11/credentials", admin({"11"}),
           R"({"description":"Nightly","networks":["192.0.2.0/24"],"endpoints":["catalog"]})");
  ASSERT_EQ(made.status, 200);
  EXPECT_FALSE(made.compress);
  EXPECT_EQ(made.headers.find("Cache-Control"), "no-store");
  const auth::ClientCredential credential = only();
  EXPECT_EQ(member(made, "id"), credential.id);
  EXPECT_EQ(member(made, "clientId"), credential.client_id);
  EXPECT_EQ(credential.description, "Nightly");
  EXPECT_EQ(credential.company_ids, std::vector<std::string>{"11"});
  const auto token = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = member(made, "clientSecret")},
      as(anonymous)));
  const auto caller = good(authenticator->data_principal("Token " + token.unredacted_token));
  EXPECT_FALSE(caller->restrictions.allow_address("198.51.100.1"));
  EXPECT_FALSE(caller->restrictions.allow_endpoint("program-progress"));
  EXPECT_THAT(
      body("/portal/api/companies/11", staff),
      HasSubstr(R"("dataEndpoints":["catalog","program-progress","assessment-progress",)"
                R"("learning-plan-progress"],"restrictions":[{"id":")" +
                credential.id + R"(","networks":["192.0.2.0/24"],"endpoints":["catalog"]}]})"));
}

TEST_F(CredentialsTest, OneOfSeveralCompaniesNeedsAnAdminOfEach) {
  const std::string both = R"({"companyIds":["11","12"]})";
  EXPECT_EQ(send("/portal/api/companies/11/credentials", admin({"11"}), both).status, 403);
  EXPECT_EQ(send("/portal/api/companies/11/credentials", admin({"11", "12"}), both).status, 200);
  EXPECT_EQ(only().company_ids, (std::vector<std::string>{"11", "12"}));
  const std::string path = "/portal/api/companies/11/credentials/" + only().id + "/restrictions";
  const std::string catalog = R"({"networks":[],"endpoints":["catalog"]})";
  EXPECT_EQ(send(path, admin({"11"}), catalog).status, 403);
  EXPECT_EQ(send(path, staff, catalog).status, 204);
}

TEST_F(CredentialsTest, RestrictionsAreReplacedWhole) {
  const auth::Principal caller = admin({"11"});
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(caller)));
  const std::string path =
      "/portal/api/companies/11/credentials/" + made.credential.id + "/restrictions";
  EXPECT_EQ(send(path, caller, R"({"networks":["2001:db8::/32"],"endpoints":[]})").status, 204);
  EXPECT_EQ(only().restrictions, good(auth::parse_restrictions({"2001:db8::/32"}, {})));
  EXPECT_EQ(send(path, caller, R"({"endpoints":["catalog"],"networks":[]})").status, 204);
  EXPECT_EQ(only().restrictions, good(auth::parse_restrictions({}, {"catalog"})));
  // What is left out or misspelled lifts nothing.
  for (const char* part : {"{}", R"({"endpoints":["catalog"]})", R"({"networks":[]})",
                           R"({"networks":[],"endpoints":null})",
                           R"({"networks":[],"endpoint":["catalog"],"endpoints":[]})"}) {
    EXPECT_EQ(send(path, caller, part).status, 400) << part;
  }
  EXPECT_EQ(only().restrictions, good(auth::parse_restrictions({}, {"catalog"})));
  EXPECT_EQ(send(path, caller, R"({"networks":[],"endpoints":[]})").status, 204);
  EXPECT_EQ(only().restrictions, auth::Restrictions());
  EXPECT_THAT(body("/portal/api/companies/11", caller), HasSubstr(R"("restrictions":[]})"));
  EXPECT_EQ(get(path, caller).status, 405);
}

TEST_F(CredentialsTest, WhatIsWrongIsNamed) {
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const std::string one = "/portal/api/companies/11/credentials/" + made.credential.id;
  const std::string all = "/portal/api/companies/11/credentials";
  EXPECT_THAT(refusal(all, "[]"), HasSubstr("400 {\"errors\":[{\"message\":\"The body must be"));
  EXPECT_THAT(refusal(all, "{"), HasSubstr("400 "));
  EXPECT_THAT(refusal(all, R"({"description":1})"), HasSubstr("description must be a text."));
  EXPECT_THAT(refusal(all, R"({"networks":"192.0.2.0/24"})"),
              HasSubstr("networks must be an array of texts."));
  EXPECT_THAT(refusal(all, R"({"network":["10.0.0.0/8"]})"),
              HasSubstr(R"(400 {"errors":[{"message":"Unknown member \"network\"; there are )"
                        R"(description, companyIds, networks, endpoints."}]})"));
  EXPECT_THAT(refusal(one + "/restrictions", R"({"networks":["192.0.2.0/33"],"endpoints":[]})"),
              HasSubstr("is not a network such as"));
  EXPECT_THAT(refusal(one + "/restrictions", R"({"networks":[],"endpoints":["tokens"]})"),
              HasSubstr("is not a data endpoint; there are "));
  EXPECT_THAT(refusal(one + "/restrictions", R"({"networks":[],"endpoints":[1]})"),
              HasSubstr("endpoints must be an array of texts."));
  EXPECT_THAT(refusal(one + "/restrictions", R"({"networks":[]})"),
              HasSubstr(R"(The body has no \"endpoints\": send both)"));
  EXPECT_THAT(refusal(one + "/restrictions", R"({"description":""})"),
              HasSubstr("there are networks, endpoints."));
  EXPECT_THAT(refusal(one + "/withdraw", R"({"companyId":"12"})"), HasSubstr("there are none."));
}

TEST_F(CredentialsTest, BodiesAreSentAsJson) {
  const auth::Principal caller = admin({"11"});
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(caller)));
  const std::string all = "/portal/api/companies/11/credentials";
  const std::string one = all + "/" + made.credential.id;
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "application/json; charset=utf-16"}) {
    EXPECT_EQ(send(all, caller, "{}", type).status, 415) << type;
    EXPECT_EQ(send(one + "/restrictions", caller, R"({"networks":[],"endpoints":[]})", type).status,
              415)
        << type;
    EXPECT_EQ(send(one + "/withdraw", caller, "{}", type).status, 415) << type;
  }
  EXPECT_EQ(good(credentials.list(*reader, oper, {})).size(), 1u);
  EXPECT_EQ(send(all, caller, "{}", "Application/JSON; charset=\"UTF-8\"").status, 200);
  EXPECT_EQ(send(one + "/withdraw", caller, "{}", "application/json;charset=utf8").status, 204);
}

TEST_F(CredentialsTest, OtherPathsAndCredentialsAreNotThere) {
  const auto foreign = good(credentials.create({.company_ids = {"12"}}, as(oper)));
  for (const std::string& rest :
       {"/credentials/" + foreign.credential.id + "/restrictions",
        "/credentials/" + foreign.credential.id, std::string("/credentials//"),
        std::string("/credentials//withdraw"), std::string("/credentials/none/restrictions"),
        std::string("/credentialsx")}) {
    EXPECT_EQ(send("/portal/api/companies/11" + rest, staff, "{}").status, 404) << rest;
  }
}

}  // namespace
}  // namespace matricula::portal
