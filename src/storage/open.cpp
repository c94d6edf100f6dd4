#include "storage/database.h"
#include "storage/sqlite/database.h"

namespace matricula::storage {

Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options,
                                                const Clock& clock) {
  constexpr std::string_view kSqlitePrefix = "sqlite:";
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return fail(ErrorCode::kUsage,
                "This build has no PostgreSQL store yet. Use a store of the form sqlite:PATH.");
  }
  if (url.starts_with(kSqlitePrefix)) {
    url.remove_prefix(kSqlitePrefix.size());
  }
  return sqlite::open_store(url, options, clock);
}

}  // namespace matricula::storage
