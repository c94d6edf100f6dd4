#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::dataapi {

// The document of `/data/v1/tables`: the tables of a company with their rows, numbers and paths, as
// JSON, of one state of the store.
struct CompanyTables {
  std::string json;
  std::int64_t sequence = 0;
  std::string epoch;
};

// kUnauthorized where there is no such company.
Result<CompanyTables> describe_tables(storage::Session& session, std::string_view company);

}  // namespace matricula::dataapi
