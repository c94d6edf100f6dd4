#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "exchange/generate_catalog.h"
#include "exchange/generate_companies.h"
#include "exchange/generate_random.h"

namespace matricula::exchange {

inline constexpr std::int64_t kHour = 3'600'000'000;

// The parameters of all lines.
struct Setting {
  std::uint64_t seed = 1;
  Timestamp now = 0;
};

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
  std::string id;
  std::uint64_t learner = 0;
  const SyntheticAssessment& assessment;
  double chance_to_pass = 0;
};
std::string attempt_line(const Setting& setting, const SyntheticCompany& company,
                         const Attempt& attempt, Random& random);

// What became of a subscription: drawn apart from its line, so that drawing alone is quick.
struct Subscription {
  std::uint64_t total = 0;
  std::uint64_t completed = 0;
  std::uint64_t assessments_complete = 0;
  bool started = false;
  const char* status = "";
  Timestamp created = 0;
  Timestamp begun = 0;
  Timestamp active = 0;
};
Subscription draw_subscription(const Setting& setting, const SyntheticCompany& company,
                               std::uint64_t plan, Random& random);
std::string subscription_line(const Setting& setting, const SyntheticCompany& company,
                              std::uint64_t learner, std::uint64_t plan, const Subscription& drawn);

}  // namespace matricula::exchange
