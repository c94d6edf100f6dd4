#include <fmt/format.h>

#include "storage/database.h"
#include "storage/empty_file.h"
#include "storage/postgres/address.h"
#include "storage/postgres/database.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/place.h"

namespace matricula::storage {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";

}  // namespace

Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options,
                                                const Clock& clock) {
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

Result<void> refuse_empty_file(std::string_view url) {
  if (postgres::is_address(url)) {
    return {};
  }
  if (url.starts_with(kSqlitePrefix)) {
    url.remove_prefix(kSqlitePrefix.size());
  }
  MATRICULA_TRY(const sqlite::StorePlace place, sqlite::find_store(url));
  return place.state == sqlite::StoreState::kEmpty ? fail(sqlite::empty_error(place.path))
                                                   : Result<void>();
}

}  // namespace matricula::storage
