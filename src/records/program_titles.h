#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// Makes program_titles right for one program after a change of its records: the title of the en-us
// record, else of the first locale by name. Where the title changed, what its progress sorts by
// from now on: the lower-cased title, without any record the key.
Result<std::optional<std::string>> update_program_title(storage::Session& session,
                                                        std::string_view key);

}  // namespace matricula::records
