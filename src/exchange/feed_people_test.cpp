#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/feed_import.h"
#include "exchange/testing.h"
#include "records/find_problems.h"

// People that a feed deletes and that its own records refer to.
namespace matricula::exchange {
namespace {

TEST(FeedPeople, WhoStaysForNewProgressHasTheirAddressThere) {
  ExchangeStore store;
  store.write_sample();
  ASSERT_TRUE(store.import({store.in("")}).value().is_complete());
  write_file(store.in("feed"), fmt::format(
                                   R"({{"_table":"users","_sequence":20,"id":"{}","_delete":true}}
{{"_table":"program_progress","_sequence":21,"companyId":"acme","userId":"{}","programKey":"p2","programVersion":"1","programType":"PART","enrollmentStatus":"ENROLLED","enrolledAt":"2025-06-01T08:00:00Z","learnerHours":0,"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"MONITOR"}}
)",
                                   kAda, kAda));
  const auto report =
      import_changes(store.database(), open_feed(store.in("feed")).value(), {}, store.clock());
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->changed, 1u);
  EXPECT_EQ(report->unchanged, 1u);
  EXPECT_EQ(store.select("SELECT DISTINCT email_key FROM program_progress"), "ada@example.com");
  const auto session = store.database().open_reader().value();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(records::find_problems(*session).value(), std::vector<std::string>{});
  session->end_snapshot();
}

}  // namespace
}  // namespace matricula::exchange
