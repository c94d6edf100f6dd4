#include "portal/audit_page.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "portal/limits.h"
#include "portal/testing.h"

namespace matricula::portal {
namespace {

using auth::good;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPath = "/portal/api/companies/11/audit";

struct AuditPageTest : ApiFixture {
  std::string trail(std::string_view query, const auth::Principal& viewer) {
    const http::Response reply = get(kPath, viewer, query);
    EXPECT_EQ(reply.status, 200) << query;
    return reply.body;
  }
  // Writes so many lines of one kind for company 11.
  void write_lines(std::int64_t count, const auth::AuditRow& line) {
    good(store.database().write_keeping_caches([&](storage::Session& session) -> Result<void> {
      for (std::int64_t i = 0; i < count; ++i) {
        MATRICULA_CHECK(auth::write_audit(session, line));
      }
      return {};
    }));
  }
  auth::AuditRow line(std::string action, bool refused) {
    auth::AuditRow row;
    row.at = clock.now();
    row.actor_kind = "operator";
    row.address = "192.0.2.1";
    row.action = std::move(action);
    row.refused = refused;
    row.companies = {"11"};
    return row;
  }
  static std::size_t rows_in(const std::string& body) {
    std::size_t count = 0;
    for (std::size_t at = body.find("{\"number\""); at != std::string::npos;
         at = body.find("{\"number\"", at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(AuditPageTest, TheTrailIsThatOfTheCompanyNewestFirstInPages) {
  write_lines(kAuditRowsDefault + 2, line("token.create", false));
  const auto foreign = good(credentials.create({.company_ids = {"12"}}, as(oper)));
  const auth::Principal caller = admin({"11"});
  const std::string first = trail("", caller);
  EXPECT_THAT(first, HasSubstr(R"("actor":"operator","address":"192.0.2.1",)"
                               R"("action":"token.create","actionText":"Created a token")"));
  EXPECT_THAT(first, Not(HasSubstr(foreign.credential.id)));
  EXPECT_THAT(first, HasSubstr(R"("number":52,)"));
  EXPECT_THAT(first, EndsWith(R"(],"next":3,"examined":50})"));
  const std::string rest = trail("before=3", caller);
  EXPECT_THAT(rest, HasSubstr(R"([{"number":2,)"));
  EXPECT_THAT(rest, HasSubstr(R"({"number":1,)"));
  EXPECT_THAT(rest, EndsWith(R"(],"next":null,"examined":2})"));
  EXPECT_EQ(rows_in(trail("rows=52", caller)), 52U);
  EXPECT_EQ(rows_in(trail("rows=3", caller)), 3U);
  EXPECT_EQ(get("/portal/api/companies/12/audit", caller).status, 404);
}

TEST_F(AuditPageTest, AWrongParameterIsNamed) {
  const auto message = [&](std::string_view query) {
    const http::Response reply = get(kPath, staff, query);
    EXPECT_EQ(reply.status, 400) << query;
    return reply.body;
  };
  EXPECT_THAT(message("before=x"), HasSubstr("before must be an integer from 1"));
  EXPECT_THAT(message("before="), HasSubstr("before must be an integer from 1"));
  EXPECT_THAT(message("before=0"), HasSubstr("before must be an integer from 1"));
  EXPECT_THAT(message("rows=5001"), HasSubstr("rows must be an integer from 1 to 5000"));
  EXPECT_THAT(message("refused=maybe"), HasSubstr("refused must be 1, true, 0 or false"));
  EXPECT_THAT(message("after=1"), HasSubstr("there are before, q, refused, rows."));
  EXPECT_THAT(message("q=" + std::string(kSearchBytesMax + 1, 'a')),
              HasSubstr("q may have at most 1000 bytes."));
  EXPECT_EQ(get(kPath, staff, "q=" + std::string(kSearchBytesMax, 'a')).status, 200);
  message("q=%ff");
  message("before=1&before=2");
}

TEST_F(AuditPageTest, WordsAreSearchedForInWhatIsShownOfAllLines) {
  const auto made = good(
      credentials.create({.company_ids = {"11"}, .description = "Nightly Änderung"}, as(oper)));
  write_lines(kSearchedAtOnce + 100, line("token.revoke", false));
  const auth::Principal viewer = admin({"11"});
  for (const std::string& query :
       {std::string("q=nightly"), std::string("q=CREATED+%C3%A4nderung"),
        std::string("q=credential.create%20operator"), "q=" + made.credential.id}) {
    EXPECT_EQ(rows_in(trail(query, viewer)), 1U) << query;
  }
  EXPECT_THAT(trail("q=nightly", viewer), EndsWith(R"(],"next":null,"examined":1101})"));
  EXPECT_EQ(rows_in(trail("q=nightly+revoked", viewer)), 0U);
  EXPECT_EQ(rows_in(trail("q=2026-01-01&rows=2000", viewer)), 1101U);
  EXPECT_EQ(rows_in(trail("q=+", viewer)), 50U);
}

TEST_F(AuditPageTest, RefusedLinesAreFoundAmongOthers) {
  write_lines(3, line("token.revoke", true));
  write_lines(200, line("token.revoke", false));
  const auth::Principal viewer = admin({"11"});
  EXPECT_EQ(rows_in(trail("refused=true", viewer)), 3U);
  EXPECT_EQ(rows_in(trail("refused=true&rows=2", viewer)), 2U);
  EXPECT_THAT(trail("refused=true&rows=2", viewer), HasSubstr(R"("next":2,)"));
  EXPECT_EQ(rows_in(trail("refused=true&before=2", viewer)), 1U);
  EXPECT_EQ(rows_in(trail("refused=true&q=created", viewer)), 0U);
}

TEST_F(AuditPageTest, ASearchEndsAtItsBoundAndCanGoOn) {
  write_lines(1, line("token.create", false));
  write_lines(kAuditExaminedMax, line("token.revoke", false));
  const auth::Principal viewer = admin({"11"});
  const std::string first = trail("q=created", viewer);
  EXPECT_EQ(first, R"({"rows":[],"next":2,"examined":10000})");
  const std::string second = trail("q=created&before=2", viewer);
  EXPECT_EQ(rows_in(second), 1U);
  EXPECT_THAT(second, EndsWith(R"("next":null,"examined":1})"));
  // One line less is searched at once.
  EXPECT_EQ(rows_in(trail(fmt::format("q=created&before={}", kAuditExaminedMax + 1), viewer)), 1U);
}

TEST_F(AuditPageTest, ASearchFindsNothingOfOtherCompanies) {
  good(credentials.create({.company_ids = {"12"}, .description = "Foreign"}, as(oper)));
  const auto both =
      good(tokens.create({.description = "Names 12", .company_ids = {"11", "12"}}, as(oper)));
  EXPECT_EQ(rows_in(trail("q=foreign", admin({"11"}))), 0U);
  // The description of a token that reads another company too is not shown, and not found.
  EXPECT_EQ(rows_in(trail("q=names", admin({"11"}))), 0U);
  EXPECT_EQ(rows_in(trail("q=names", admin({"11", "12"}))), 1U);
  EXPECT_EQ(rows_in(trail("q=" + both.token.id, admin({"11"}))), 1U);
}

}  // namespace
}  // namespace matricula::portal
