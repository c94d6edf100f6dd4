#include "exchange/generate_plans.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "exchange/generate_order.h"

namespace matricula::exchange {
namespace {

// One required step with a comma before it; some are in a group, which does not count as a step.
std::string step_text(const SyntheticCompanies& companies, const SyntheticCompany& company,
                      Random& random, const std::string& id, bool last) {
  if (!last && random.chance(0.15)) {
    const SyntheticAssessment& assessment = companies.assessment_of(company, random, true);
    return fmt::format(
        R"(,{{"stepId":"{}","stepType":"ASSESSMENT","label":{},"isRequired":true,"resourceKey":"{}","steps":null}})",
        id, json_string(assessment.title), assessment.id);
  }
  const std::size_t rank = companies.covered_program(company, random);
  const std::string program = fmt::format(
      R"({{"stepId":"{}","stepType":"PROGRAM","label":{},"isRequired":true,"resourceKey":"{}","steps":null}})",
      id, json_string(companies.catalog().programs[rank].title),
      companies.catalog().programs[rank].key);
  if (!last || !random.chance(0.5)) {
    return "," + program;
  }
  return fmt::format(
      R"(,{{"stepId":"{0}-group","stepType":"GROUP","label":"Prove it","isRequired":false,"resourceKey":null,"steps":[{1},{{"stepId":"{0}-apply","stepType":"APPLICATION","label":"Apply","isRequired":false,"resourceKey":null,"steps":null}}]}})",
      id, program);
}

}  // namespace

std::vector<std::uint64_t> plans_by_id(const SyntheticCompany& company) {
  std::vector<std::uint64_t> plans;
  for (std::uint64_t number = 1; plans.size() < company.plans;
       number = next_in_text_order(number, company.plans)) {
    plans.push_back(number - 1);
  }
  return plans;
}

std::string plan_line(const Setting& setting, const SyntheticCompanies& companies,
                      const SyntheticCompany& company, std::uint64_t plan) {
  const std::string id = plan_id(company, plan);
  Random random(mix(setting.seed, 22, text_number(id)));
  const std::uint64_t required = required_steps(setting.seed, company, plan);
  std::string steps;
  for (std::uint64_t s = 0; s < required; ++s) {
    steps +=
        step_text(companies, company, random, fmt::format("{}-s{}", id, s + 1), s + 1 == required);
  }
  if (random.chance(0.5)) {
    steps += fmt::format(
        R"(,{{"stepId":"{}-survey","stepType":"SURVEY","label":"How was it?","isRequired":false,"resourceKey":null,"steps":null}})",
        id);
  }
  std::string line = fmt::format(
      R"({{"id":"{}","companyId":"{}","title":"Plan {}","key":"plan-{}","slug":"plan-{}","steps":[{}])",
      id, company.id, plan + 1, plan + 1, plan + 1, steps.substr(1));
  if (random.chance(0.4)) {
    line +=
        fmt::format(R"(,"contractId":"{}")", contract_id(company, random.below(company.contracts)));
  }
  return line + "}\n";
}

}  // namespace matricula::exchange
