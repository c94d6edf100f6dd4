#include <benchmark/benchmark.h>

#include "base/assert.h"
#include "domains/domains.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "pipeline/plan_cache.h"
#include "planning/planner.h"

namespace {

using namespace matricula;

// The documented paging query.
constexpr const char* kQuery = R"(
query ProgramProgress($input: ProgramProgressInput) {
  programProgress(input: $input) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges {
      cursor
      node {
        userId userEmail userFirstName userLastName enrollmentStatus enrolledAt unenrolledAt
        graduatedAt completedAt programKey programVersion programType lastActiveAt learnerHours
        completionPercentage projectsRequiredTotal projectsRequiredCompleted onTrackStatus
        learningPlanId
      }
    }
  }
})";

struct Fixture {
  Fixture() {
    for (const domains::Domain& domain : domains::all_domains()) {
      if (domain.name == "program-progress") {
        schema = *graphql::Schema::from_sdl(domain.sdl);
        definition = domain.define();
      }
    }
  }
  std::shared_ptr<const graphql::Schema> schema;
  domains::Definition definition;
};

void parse(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(graphql::parse(kQuery, {}));
  }
}
BENCHMARK(parse);

void parse_and_validate(benchmark::State& state) {
  const Fixture fixture;
  for (auto _ : state) {
    auto document = graphql::parse(kQuery, {});
    benchmark::DoNotOptimize(graphql::validate(fixture.schema, *document, {}));
  }
}
BENCHMARK(parse_and_validate);

void parse_validate_and_plan(benchmark::State& state) {
  const Fixture fixture;
  for (auto _ : state) {
    auto document = graphql::parse(kQuery, {});
    auto valid = graphql::validate(fixture.schema, *document, {});
    benchmark::DoNotOptimize(planning::make_plan(*valid, "", fixture.definition.mapping));
  }
}
BENCHMARK(parse_validate_and_plan);

void find_cached_plan(benchmark::State& state) {
  const Fixture fixture;
  pipeline::PlanCache cache({});
  auto document = graphql::parse(kQuery, {});
  auto valid = graphql::validate(fixture.schema, *document, {});
  cache.insert(&fixture, "", kQuery, *planning::make_plan(*valid, "", fixture.definition.mapping));
  for (auto _ : state) {
    auto plan = cache.find(&fixture, "", kQuery);
    MATRICULA_ASSERT(plan != nullptr);
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(find_cached_plan);

}  // namespace

BENCHMARK_MAIN();
