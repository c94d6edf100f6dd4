#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "exchange/generate_catalog.h"
#include "exchange/generate_random.h"

namespace matricula::exchange {

inline constexpr std::int64_t kHour = 3'600'000'000;

// The parameters of all lines.
struct Setting {
  std::uint64_t seed = 1;
  Timestamp now = 0;
};

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
// The number of the plan's required steps.
std::uint64_t required_steps(std::uint64_t seed, const SyntheticCompany& company,
                             std::uint64_t plan);

// `,"name":"..."`
std::string time_member(const char* name, Timestamp time);

// One NDJSON line each: an enrolment, an attempt and a subscription of the learner with that
// number. As in real data, nothing happens before its enrolment, and nothing is completed beyond
// the required number.
std::string enrolment_line(const Setting& setting, const SyntheticCompany& company,
                           std::uint64_t learner, const SyntheticProgram& program, Random& random);
struct Attempt {
  std::uint64_t number = 0;
  std::uint64_t learner = 0;
  const SyntheticAssessment& assessment;
  double chance_to_pass = 0;
};
std::string attempt_line(const Setting& setting, const SyntheticCompany& company,
                         const Attempt& attempt, Random& random);
std::string subscription_line(const Setting& setting, const SyntheticCompany& company,
                              std::uint64_t learner, std::uint64_t plan, Random& random);

}  // namespace matricula::exchange
