#include "domains/domains.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>

#include "auth/callers/restrictions.h"
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

// Else a credential could not be restricted to an endpoint, nor be kept from it.
TEST(Domains, EveryEndpointForTokensIsOneOfRestrictions) {
  std::vector<std::string_view> endpoints;
  for (const Domain& domain : all_domains()) {
    if (domain.define().audience == Audience::kToken) {
      endpoints.push_back(domain.name);
    }
  }
  std::vector<std::string_view> known(std::begin(auth::kDataEndpoints),
                                      std::end(auth::kDataEndpoints));
  std::ranges::sort(known);
  std::ranges::sort(endpoints);
  EXPECT_EQ(endpoints, known);
}

}  // namespace
}  // namespace matricula::domains
