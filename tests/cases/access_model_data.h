#pragma once

#include <string>

namespace matricula::cases {

inline constexpr unsigned kCompanies = 20;

// `c0` to `c19`: the ids of the companies of the data.
std::string company_name(unsigned company);

// NDJSON of the companies, each with a plan `pN` and progress of one to three people of every kind.
// Every person learns in every company, so that only the company tells their records apart; each
// record bears the number of its company as a value: learnerHours, assessmentReport (`cN`),
// requiredStepsCompleted.
void write_access_data(const std::string& directory);

}  // namespace matricula::cases
