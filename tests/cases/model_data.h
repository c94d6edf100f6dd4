#pragma once

#include <string>
#include <vector>

#include "tests/cases/model.h"

namespace matricula::cases {

// Random data of the three connections: few distinct values in each column, so that ties, nulls and
// empty results are common. Writes it as NDJSON into `directory` and gives the same as models.
std::vector<ModelList> write_model_data(const std::string& directory, const Pick& pick);

}  // namespace matricula::cases
