#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exchange/generate_companies.h"
#include "exchange/generate_progress.h"

namespace matricula::exchange {

// The numbers of the company's plans in the order of their ids.
std::vector<std::uint64_t> plans_by_id(const SyntheticCompany& company);

// The NDJSON line of the company's plan of that number.
std::string plan_line(const Setting& setting, const SyntheticCompanies& companies,
                      const SyntheticCompany& company, std::uint64_t plan);

}  // namespace matricula::exchange
