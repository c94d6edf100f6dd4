// What an operator reads of a store that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres/testing_cluster.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

TEST(StoreFailure, TheCauseOfA503IsAWarning) {
  World world("tests/cases/data", {.read_model_bytes = 0}, Engine::kPostgres);
  const Case request{.title = "page",
                     .method = "POST",
                     .endpoint = "program-progress",
                     .words = {{"token", "4821"}},
                     .document = "{ programProgress { edges { cursor } } }"};
  EXPECT_EQ(world.run(request).status, 200);
  EXPECT_EQ(world.warnings(), std::vector<std::string>());
  storage::postgres::PrivateCluster::instance().run(
      "REVOKE SELECT ON program_progress FROM matricula_app", world.postgres());
  EXPECT_EQ(world.run(request).status, 503);
  EXPECT_THAT(world.warnings(), testing::Contains(testing::AllOf(
                                    testing::StartsWith("request failed requestId="),
                                    testing::HasSubstr(" endpoint=program-progress error="),
                                    testing::HasSubstr("postgresql 42501: permission denied"))));
}

}  // namespace
}  // namespace matricula::cases
