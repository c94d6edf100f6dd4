#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// The first column of the first row; nullopt where there is no row.
Result<std::optional<std::int64_t>> one_integer(storage::Session& session,
                                                const storage::Statement& statement,
                                                std::initializer_list<storage::Bind> binds);
// The first column of all rows.
Result<std::vector<std::string>> all_texts(storage::Session& session,
                                           const storage::Statement& statement,
                                           std::initializer_list<storage::Bind> binds);
// Whether there is a row.
Result<bool> has_row(storage::Session& session, const storage::Statement& statement,
                     std::initializer_list<storage::Bind> binds);

}  // namespace matricula::records
