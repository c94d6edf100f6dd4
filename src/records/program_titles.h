#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// Makes program_titles right for one program after a change of its records, and with it the copies
// in program progress: the title of the en-us record, else of the first locale by name; without any
// record, progress sorts by the key.
Result<void> update_program_title(storage::Session& session, std::string_view key);

}  // namespace matricula::records
