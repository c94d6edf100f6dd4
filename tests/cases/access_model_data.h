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

// NDJSON that gives a company's records another value, makes them so many of each kind, at most
// three, and gives a person another address.
void write_company_data(const std::string& directory, unsigned company, unsigned value,
                        unsigned rows);

// A request to an endpoint for these records; `plan` is the number of the company whose plan is
// asked for.
std::string request_of(const std::string& endpoint, unsigned plan);

// What a company's records are, and the answer to that request.
struct CompanyRecords {
  unsigned company = 0;
  unsigned plan = 0;
  unsigned value = 0;
  unsigned rows = 0;
};
std::string records_of(const std::string& endpoint, const CompanyRecords& of);

}  // namespace matricula::cases
