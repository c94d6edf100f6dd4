#include <gtest/gtest.h>

#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

// A request may wait for a worker until its time is over.
TEST(Deadline, ARequestWhoseTimeIsOverBeforeItRunsIsToldSo) {
  World world("tests/cases/data", {.request_timeout = std::chrono::milliseconds(0)});
  for (const char* document :
       {"{ programProgress { edges { cursor } } }", "{ programProgress { totalCount } }"}) {
    const Case request{.title = "late",
                       .method = "POST",
                       .endpoint = "program-progress",
                       .words = {{"token", "4821"}},
                       .document = document};
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(world.run(request).body,
                R"({"errors":[{"message":"The request took longer than its limit.",)"
                R"("locations":[{"line":1,"column":3}],"path":["programProgress"],)"
                R"("extensions":{"code":"TIMEOUT"}}],"data":null})");
    }
  }
}

}  // namespace
}  // namespace matricula::cases
