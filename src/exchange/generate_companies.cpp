#include "exchange/generate_companies.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace matricula::exchange {
namespace {

// Sizes are log-normal; the largest then holds about a third of all learners of a dozen.
std::vector<SyntheticCompany> make_companies(std::uint64_t seed, std::uint32_t count,
                                             std::uint64_t learners) {
  Random random(mix(seed, 1));
  std::vector<double> weights;
  double sum = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    weights.push_back(random.log_normal(1.0, 1.1));
    sum += weights.back();
  }
  const double plans_per_learner = learners < 20'000 ? 0.012 : 0.004;
  std::vector<SyntheticCompany> companies;
  std::uint64_t first = 0;
  double share = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    share += weights[i] / sum;
    const std::uint64_t end =
        i + 1 == count
            ? learners
            : std::min(learners, static_cast<std::uint64_t>(share * static_cast<double>(learners)));
    companies.push_back(
        {.id = fmt::to_string(4'821 + i * 7),
         .slug = fmt::format("company-{}", i + 1),
         .first_learner = first,
         .learners = end - first,
         .contracts = 1 + random.below(4),
         .plans = std::max<std::uint64_t>(
             3, static_cast<std::uint64_t>(plans_per_learner * static_cast<double>(end - first)))});
    first = end;
  }
  std::ranges::sort(companies, {}, &SyntheticCompany::id);
  return companies;
}

// The places of the items in the order of a member.
template <typename Item>
std::vector<std::size_t> places_by(const std::vector<Item>& items, std::string Item::*member) {
  std::vector<std::size_t> places(items.size());
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, {}, [&](std::size_t place) { return items[place].*member; });
  return places;
}

}  // namespace

std::string contract_id(const SyntheticCompany& company, std::uint64_t number) {
  return fmt::format("ct-{}-{}", company.id, number + 1);
}

std::string plan_id(const SyntheticCompany& company, std::uint64_t number) {
  return fmt::format("lp-{}-{}", company.id, number + 1);
}

SyntheticCompanies::SyntheticCompanies(std::uint64_t seed, std::uint32_t companies,
                                       std::uint64_t learners)
    : seed_(seed),
      catalog_(make_catalog(seed, learners)),
      companies_(make_companies(seed, companies, learners)),
      programs_by_key_(places_by(catalog_.programs, &SyntheticProgram::key)),
      assessments_by_id_(places_by(catalog_.assessments, &SyntheticAssessment::id)) {}

bool SyntheticCompanies::covers(const SyntheticCompany& company, std::uint64_t contract,
                                std::string_view key, std::size_t rank) const {
  const double share = 0.6 + 0.4 * Random(mix(seed_, text_number(company.id), contract)).unit();
  const std::uint64_t number = text_number(contract_id(company, contract));
  return (contract == 0 && rank < 5) || Random(mix(seed_, number, text_number(key))).chance(share);
}

bool SyntheticCompanies::in_catalog(const SyntheticCompany& company, std::string_view key,
                                    std::size_t rank) const {
  for (std::uint64_t c = 0; c < company.contracts; ++c) {
    if (covers(company, c, key, rank)) {
      return true;
    }
  }
  return false;
}

std::size_t SyntheticCompanies::covered_program(const SyntheticCompany& company,
                                                Random& random) const {
  for (int tries = 0; tries < 50; ++tries) {
    const std::size_t rank = random.zipf(catalog_.programs.size());
    const SyntheticProgram& program = catalog_.programs[rank];
    if (!program.is_retired && in_catalog(company, program.key, rank)) {
      return rank;
    }
  }
  return 0;
}

const SyntheticAssessment& SyntheticCompanies::assessment_of(const SyntheticCompany& company,
                                                             Random& random,
                                                             bool is_covered) const {
  for (int tries = 0; tries < 50; ++tries) {
    const std::size_t rank = random.zipf(catalog_.assessments.size());
    if (in_catalog(company, catalog_.assessments[rank].id, rank) == is_covered) {
      return catalog_.assessments[rank];
    }
  }
  return catalog_.assessments.front();
}

std::vector<std::size_t> SyntheticCompanies::enrolments_of(const SyntheticCompany& company,
                                                           Random& random) const {
  const auto wanted =
      static_cast<std::size_t>(std::clamp(random.log_normal(1.75, 0.85), 1.0, 40.0));
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::size_t rank = random.chance(0.01) ? catalog_.programs.size() - 1 - random.below(3)
                                                 : covered_program(company, random);
    if (std::ranges::find(ranks, rank) == ranks.end()) {
      ranks.push_back(rank);
    }
  }
  return ranks;
}

}  // namespace matricula::exchange
