#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/generate_catalog.h"
#include "exchange/generate_random.h"

namespace matricula::exchange {

// A company that lines are made for.
struct SyntheticCompany {
  std::string id = {};
  std::string slug = {};
  std::uint64_t first_learner = 0;  // learners of all companies are numbered consecutively
  std::uint64_t learners = 0;
  std::uint64_t contracts = 1;
  std::uint64_t plans = 3;
};

std::string contract_id(const SyntheticCompany& company, std::uint64_t number);
std::string plan_id(const SyntheticCompany& company, std::uint64_t number);

// The companies of a seed in the order of their ids, what they choose from, and what the contracts
// of each cover. Immutable.
class SyntheticCompanies {
 public:
  SyntheticCompanies(std::uint64_t seed, std::uint32_t companies, std::uint64_t learners);

  std::span<const SyntheticCompany> all() const { return companies_; }
  const SyntheticCatalog& catalog() const { return catalog_; }
  // The ranks in the catalog, in the order of the programs' keys and of the assessments' ids.
  std::span<const std::size_t> programs_by_key() const { return programs_by_key_; }
  std::span<const std::size_t> assessments_by_id() const { return assessments_by_id_; }

  // 60 to 100 % of what there is, the first contract the most popular programs in any case.
  bool covers(const SyntheticCompany& company, std::uint64_t contract, std::string_view key,
              std::size_t rank) const;
  // The rank of a random program of the company's catalog; popular ones are more likely.
  std::size_t covered_program(const SyntheticCompany& company, Random& random) const;
  // A random assessment that is in the company's catalog, or is not; popular ones are more likely.
  const SyntheticAssessment& assessment_of(const SyntheticCompany& company, Random& random,
                                           bool is_covered) const;
  // The ranks of a learner's programs: 1 and a heavy tail, 2.5 on the mean, at most 40; now and
  // then a program that is gone.
  std::vector<std::size_t> enrolments_of(const SyntheticCompany& company, Random& random) const;

 private:
  bool in_catalog(const SyntheticCompany& company, std::string_view key, std::size_t rank) const;

  std::uint64_t seed_;
  SyntheticCatalog catalog_;
  std::vector<SyntheticCompany> companies_;
  std::vector<std::size_t> programs_by_key_;
  std::vector<std::size_t> assessments_by_id_;
};

}  // namespace matricula::exchange
