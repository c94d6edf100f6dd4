#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <new>

#include "tests/cases/world.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// Counts every allocation of the program.
void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace matricula::cases {
namespace {

void write_rows(const std::string& directory, int rows) {
  std::ofstream(directory + "/companies.ndjson")
      << R"({"id":"1","slug":"one","name":"One"})" << '\n';
  std::ofstream users(directory + "/users.ndjson");
  std::ofstream progress(directory + "/program_progress.ndjson");
  for (int i = 0; i < rows; ++i) {
    const std::string id = fmt::format("00000000-0000-4000-8000-00000000{:04x}", i);
    users << fmt::format(
        R"({{"id":"{}","email":"somebody.with.a.long.address.{}@company.example","firstName":"A name that is long","lastName":"Another one that is longer"}})"
        "\n",
        id, i);
    progress << fmt::format(
        R"({{"companyId":"1","userId":"{}","programKey":"a-program-with-a-long-key","programVersion":"1","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00.123456Z","learnerHours":1.25,"completionPercentage":5,"projectsRequiredTotal":4,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK"}})"
        "\n",
        id);
  }
}

std::uint64_t allocations_of(World& world, int rows) {
  const Case request{
      .title = "page",
      .method = "POST",
      .endpoint = "program-progress",
      .words = {{"token", "1"}},
      .document =
          "query Q($n: Int) { programProgress(input: {first: $n}) { pageInfo { endCursor } edges {"
          " cursor node { userId userEmail userFirstName userLastName enrolledAt learnerHours"
          " programKey programTitle lastActiveAt } } } }",
      .variables = fmt::format(R"({{"n":{}}})", rows)};
  world.run(request);
  world.run(request);
  const std::uint64_t before = allocations.load();
  const Answer answer = world.run(request);
  const std::uint64_t after = allocations.load();
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(answer.body.size(), static_cast<std::size_t>(rows) * 200);
  return after - before;
}

TEST(Allocation, ACachedOperationAllocatesNothingForEachRow) {
  const storage::TempDirectory directory;
  write_rows(directory.path(), 500);
  pipeline::PipelineOptions options;
  options.rate_limit = 0;
  World world(directory.path(), options);
  EXPECT_EQ(allocations_of(world, 400), allocations_of(world, 20));
}

}  // namespace
}  // namespace matricula::cases
