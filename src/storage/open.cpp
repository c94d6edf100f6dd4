#include <fmt/format.h>

#include "storage/database.h"
#include "storage/postgres/address.h"
#include "storage/postgres/database.h"
#include "storage/sqlite/database.h"

namespace matricula::storage {

Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options,
                                                const Clock& clock) {
  constexpr std::string_view kSqlitePrefix = "sqlite:";
  if (postgres::is_address(url)) {
    return postgres::open_store(url, options, clock);
  }
  if (url.starts_with(kSqlitePrefix)) {
    url.remove_prefix(kSqlitePrefix.size());
  } else if (url.find("://") != std::string_view::npos) {
    return fail(
        ErrorCode::kUsage,
        fmt::format("The store {} is of no known kind. Use sqlite:PATH or postgresql://...", url));
  }
  return sqlite::open_store(url, options, clock);
}

}  // namespace matricula::storage
