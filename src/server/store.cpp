#include "server/store.h"

#include <vector>

#include "auth/migrations.h"
#include "records/migrations.h"

namespace matricula::server {
namespace {

// In the order of their numbers, as long as the process lives: the database borrows the list.
const std::vector<storage::Migration>& all_migrations() {
  static const std::vector<storage::Migration> migrations = [] {
    std::vector<storage::Migration> all;
    for (const auto part : {records::migrations(), auth::migrations()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return migrations;
}

}  // namespace

Result<std::unique_ptr<storage::Database>> open_store(const std::string& url,
                                                      const StoreOptions& options,
                                                      const Clock& clock) {
  return storage::open_database(url,
                                {.migrations = all_migrations(),
                                 .create = options.create,
                                 .migrate = options.migrate,
                                 .statement_timeout = options.statement_timeout,
                                 .app_role = options.app_role,
                                 .page_cache_bytes = options.page_cache_bytes},
                                clock);
}

std::string key_file_of(const std::string& url, const std::string& given) {
  if (!given.empty()) {
    return given;
  }
  constexpr std::string_view kScheme = "sqlite:";
  return (url.starts_with(kScheme) ? url.substr(kScheme.size()) : url) + "-keys";
}

}  // namespace matricula::server
