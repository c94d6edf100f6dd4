#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// Gives the rows of a company that one write has numbered beyond `first` the numbers from there on
// without gaps, and returns the last of them: `first` where there is no such row. Gaps come from
// rows that the write touched twice, that it left as they were, or that are gone again; the rows
// with the highest numbers fill them. To be called at the end of the write.
Result<std::int64_t> close_gaps(storage::Session& session, std::string_view company,
                                std::int64_t first, std::int64_t last);

}  // namespace matricula::records
