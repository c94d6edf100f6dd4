#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <vector>

#include "auth/authentication/authenticator.h"
#include "auth/trail/use_counter.h"
#include "base/assert.h"
#include "exchange/generate.h"
#include "ratelimit/limiter.h"
#include "tests/cases/world.h"
#include "tests/must.h"

// What it costs to know who asks, in CPU time within this run: finding a token, and all that
// authentication, scopes, limits and the count of uses take of a page of program progress with
// every field. The page goes through the whole server but for its sockets, so that the share is
// larger than it is for a client.

namespace {

using namespace matricula;

constexpr int kRounds = 9;
constexpr const char* kPage =
    R"({"query":"{ programProgress { edges { cursor node { userId userEmail userFirstName )"
    R"(userLastName enrollmentStatus enrolledAt unenrolledAt graduatedAt completedAt programKey )"
    R"(programVersion programType lastActiveAt learnerHours completionPercentage )"
    R"(projectsRequiredTotal projectsRequiredCompleted onTrackStatus learningPlanId programTitle )"
    R"(updatedAt } } pageInfo { endCursor } } }"})";

double thread_us() {
  timespec time{};
  MATRICULA_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// CPU microseconds of one call.
double cost_of(int calls, const std::function<void()>& call) {
  const double before = thread_us();
  for (int i = 0; i < calls; ++i) {
    call();
  }
  return (thread_us() - before) / calls;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main() {
  const storage::TempDirectory data;
  const SystemClock clock;
  must(exchange::generate({.out = data.file("out"), .companies = 1, .learners = 500}, clock));
  pipeline::PipelineOptions options;
  options.rate_limit = ratelimit::kLimitMax;
  cases::World world(data.file("out"), options);
  const auth::Principal oper = auth::operator_principal();
  const auto session = must(world.database().open_reader());
  static const storage::Statement kCompany("SELECT id FROM companies");
  std::string company;
  {
    const auto rows = must(session->query(kCompany, {}));
    MATRICULA_ASSERT(must(rows->next()));
    company = rows->text(0);
  }
  // Many tokens, so that the one that is looked for is not all there is in the processor's cache.
  std::vector<std::string> headers;
  headers.reserve(256);
  for (int i = 0; i < 256; ++i) {
    headers.push_back("Token " +
                      must(world.tokens().create({.description = "", .company_ids = {company}},
                                                 {.principal = oper, .address = "local"}))
                          .unredacted_token);
  }
  pipeline::Lane& lane = world.pipeline().loop_lane(0);
  ratelimit::Limiter limiter({.limit = ratelimit::kLimitMax});
  const auth::ScopeType accepted[] = {auth::ScopeType::kCompany};
  std::size_t next = 0;
  const auto header = [&]() -> const std::string& { return headers[next++ % headers.size()]; };

  std::vector<double> found;
  std::vector<double> access;
  std::vector<double> page;
  for (int round = 0; round < kRounds; ++round) {
    found.push_back(cost_of(20'000, [&] { must(lane.authenticator->data_principal(header())); }));
    access.push_back(cost_of(20'000, [&] {
      const auto principal = must(lane.authenticator->data_principal(header()));
      limiter.admit(principal->identity, clock.monotonic(), limiter.limit());
      lane.uses.count(*principal, {});
      must(auth::company_for(*principal, accepted, {}, "program-progress"));
    }));
    page.push_back(cost_of(500, [&] {
      const auto answer = world.send(
          "POST", "program-progress",
          {{"Content-Type", "application/json"}, {"Authorization", header()}}, "", kPage);
      MATRICULA_ASSERT(answer.status == 200);
    }));
  }
  const double share = median(access) / (median(page) - median(access));
  fmt::print("token look-up                  {:8.2f} us (at most 2)\n", median(found));
  fmt::print("authentication, scopes, limits, uses {:.2f} us\n", median(access));
  fmt::print("first page of 50, every field  {:8.2f} us\n", median(page));
  fmt::print("access costs                   {:8.2f} % of the rest (at most 10)\n", share * 100);
  return median(found) <= 2 && share <= 0.1 ? 0 : 1;
}
