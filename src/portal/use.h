#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "portal/names.h"
#include "storage/database.h"

namespace matricula::portal {

inline constexpr std::int64_t kUsageDays = 30;

// Appends {"days":[{"day","answered","refused"}],"sources":[{"kind","id","name","endpoint",
// "answered","refused"}]}: the last kUsageDays of UTC with `today` (days since 1970), those without
// requests too; and the same requests by credential (kind `credential`) or token of a person
// (`token`) and endpoint, the most requests first. Days before the store counted by endpoint are in
// `days` alone. Fails only as the store does.
Result<void> append_use(std::string& out, storage::Session& reader, const std::string& company_id,
                        std::int64_t today, Names& names);

}  // namespace matricula::portal
