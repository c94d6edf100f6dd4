// How often a request waits for PostgreSQL.
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "tests/cases/world.h"
#include "tests/must.h"

namespace matricula::cases {
namespace {

constexpr const char* kPage = "{ programProgress(input: {first: 3}) { edges { cursor } } }";
constexpr const char* kCompany = "4821";

// A server with one worker, so that all requests go one way.
class RoundTrips : public testing::Test {
 protected:
  static pipeline::PipelineOptions one_worker() {
    return {.pool = {.workers = 1, .short_workers = 0}, .rate_limit = 1'000};
  }
  Answer ask(const std::string& document) {
    return world_.send_on(
        0, "program-progress",
        {{"Authorization", "Token " + token_}, {"Content-Type", "application/json"}},
        R"({"query":")" + document + "\"}");
  }
  std::uint64_t made() { return world_.pipeline().worker_lane(0).session->round_trips(); }
  // Those of a request that was sent before, so that caller, plan and statements are known.
  std::uint64_t those_of(const std::string& document) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(ask(document).status, 200);
    }
    const std::uint64_t before = made();
    EXPECT_EQ(ask(document).status, 200);
    return made() - before;
  }

  static Result<std::int64_t> waiting_for_lock(storage::Session& session) {
    static const storage::Statement kWaiting(
        "SELECT count(*) FROM pg_locks WHERE relation = 'request_windows'::regclass AND NOT "
        "granted");
    MATRICULA_TRY(const storage::RowsHandle rows, session.query(kWaiting, {}));
    MATRICULA_CHECK(rows->next());
    return rows->integer(0);
  }
  static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

  World world_{"tests/cases/data", one_worker(), Engine::kPostgres};
  std::string token_ = world_.token_for(kCompany);
};

TEST_F(RoundTrips, APageTakesOneWithTheConfirmationOfItsCaller) {
  EXPECT_EQ(those_of(kPage), 1U);
}

TEST_F(RoundTrips, APageTakesOneWithItsCountAndWhatIsBeforeIt) {
  const std::string all = "totalCount pageInfo { hasPreviousPage endCursor }";
  const std::string first = ask("{ programProgress(input: {first: 1}) { " + all + " } }").body;
  const std::size_t begin = first.find("\"endCursor\":\"") + 13;
  const std::string after = first.substr(begin, first.find('"', begin) - begin);
  EXPECT_EQ(those_of("{ programProgress(input: {first: 3}) { totalCount edges { cursor } } }"), 1U);
  const std::string behind = "{ programProgress(input: {first: 2, after: \\\"" + after +
                             "\\\", filter: {enrollmentStatus: [ENROLLED, UNENROLLED, GRADUATED,"
                             " STATIC_ACCESS]}}) { " +
                             all + " } }";
  EXPECT_NE(ask(behind).body.find("\"hasPreviousPage\":true"), std::string::npos);
  EXPECT_EQ(those_of(behind), 1U);
  EXPECT_EQ(those_of("{ programProgress { totalCount } }"), 1U);
}

// The end of its snapshot is read with the next request.
TEST_F(RoundTrips, EachFurtherStatementTakesOneMore) {
  EXPECT_EQ(those_of("{ programProgress(input: {first: 3, filter: {completedAt: {from:"
                     " \\\"2000-01-01T00:00:00Z\\\"}}}) { totalCount edges { cursor } } }"),
            3U);
}

// While the store keeps the worker waiting, requests queue; they are then sent in one batch.
TEST_F(RoundTrips, LightRequestsThatWaitTakeOneTogether) {
  EXPECT_EQ(those_of(kPage), 1U);
  const std::string expected = ask(kPage).body;
  constexpr unsigned kWaiting = 5;
  const std::uint64_t before = made();
  std::vector<std::jthread> clients;
  const auto add_client = [&] {
    clients.emplace_back([&] { EXPECT_EQ(ask(kPage).body, expected); });
  };
  must(world_.database().write_keeping_caches([&](storage::Session& session) -> Result<void> {
    static const storage::Statement kLock("LOCK TABLE request_windows IN EXCLUSIVE MODE");
    MATRICULA_CHECK(session.execute(kLock, {}));
    add_client();
    while (must(waiting_for_lock(session)) == 0) {
      pause();
    }
    for (unsigned i = 0; i < kWaiting; ++i) {
      add_client();
    }
    while (world_.pipeline().queued() < kWaiting) {
      pause();
    }
    return {};
  }));
  clients.clear();
  EXPECT_EQ(made() - before, 2U);
}

}  // namespace
}  // namespace matricula::cases
