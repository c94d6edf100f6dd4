#include <atomic>
#include <cstdlib>
#include <thread>

#include "auth/testing.h"

namespace matricula::auth {
namespace {

// Two servers on one store, four threads each, as in production: every thread has an authenticator
// of its own, and tokens go round, so that each is used where it was not made. MATRICULA_ROUNDS
// asks for more than a test needs every day.
struct RevocationTest : AuthFixture {
  static constexpr unsigned kThreads = 8;

  static int rounds() {
    const char* asked = std::getenv("MATRICULA_ROUNDS");
    return (asked == nullptr ? 240 : std::atoi(asked)) / static_cast<int>(kThreads);
  }
  std::unique_ptr<storage::Database> second_server() {
    return good(
        storage::open_database("sqlite:" + store.path(), {.migrations = migrations::all()}, clock));
  }
};

TEST_F(RevocationTest, NothingIsAcceptedAfterTheRevocationWasAnsweredOnAnyNode) {
  const auto second = second_server();
  std::array<std::atomic<int>, 3> wrong = {};  // before use, after revocation, at the other node
  const auto work = [&](unsigned number) {
    storage::Database& here = number % 2 == 0 ? store.database() : *second;
    storage::Database& there = number % 2 == 0 ? *second : store.database();
    TokenService service(here, secrets, refusals, clock);
    const auto mine = good(Authenticator::open(here, secrets, clock));
    const auto other = good(Authenticator::open(there, secrets, clock));
    for (int i = 0; i < rounds(); ++i) {
      const auto made = good(service.create({.description = "", .company_ids = {"11"}}, as(oper)));
      const std::string header = "Token " + made.unredacted_token;
      wrong[0] += !mine->data_principal(header) + !other->data_principal(header);
      // Known from memory too.
      wrong[0] += !mine->data_principal(header) + !other->data_principal(header);
      good(service.revoke(made.token.id, as(oper)));
      wrong[1] +=
          outcome(mine->data_principal(header)) != "UNAUTHENTICATED token is no longer valid";
      wrong[2] +=
          outcome(other->data_principal(header)) != "UNAUTHENTICATED token is no longer valid";
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back(work, i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong[0], 0);
  EXPECT_EQ(wrong[1], 0);
  EXPECT_EQ(wrong[2], 0);
}

}  // namespace
}  // namespace matricula::auth
