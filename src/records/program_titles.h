#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// Updates program_titles for one program after a change of its records: the title of the en-us
// record, else of the first locale by name. Where the title changed, returns the new sort key of
// its progress: the lower-cased title, or the program's key where it has no record.
Result<std::optional<std::string>> update_program_title(storage::Session& session,
                                                        std::string_view key);

}  // namespace matricula::records
