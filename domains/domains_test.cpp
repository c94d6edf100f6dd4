#include "domains/domains.h"

#include <gtest/gtest.h>

#include "planning/planner.h"

namespace matricula::domains {
namespace {

TEST(Domains, EveryMappingFitsItsSchema) {
  EXPECT_EQ(all_domains().size(), 5U);
  for (const Domain& domain : all_domains()) {
    const auto schema = graphql::Schema::from_sdl(domain.sdl);
    ASSERT_TRUE(schema) << domain.name << ": " << schema.error().message;
    const Definition definition = domain.define();
    EXPECT_EQ(definition.mapping.name, domain.name);
    const auto fits = planning::check_mapping(definition.mapping, **schema);
    EXPECT_TRUE(fits) << fits.error().message;
  }
}

}  // namespace
}  // namespace matricula::domains
