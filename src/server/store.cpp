#include "server/store.h"

#include <fmt/format.h>

#include "migrations/migrations.h"
#include "storage/postgres/address.h"

namespace matricula::server {

Result<std::unique_ptr<storage::Database>> open_store(const std::string& url,
                                                      const StoreOptions& options,
                                                      const Clock& clock) {
  return storage::open_database(url,
                                {.migrations = migrations::all(),
                                 .create = options.create,
                                 .migrate = options.migrate,
                                 .statement_timeout = options.statement_timeout,
                                 .app_role = options.app_role,
                                 .page_cache_bytes = options.page_cache_bytes},
                                clock);
}

bool is_shared(const std::string& url) {
  return storage::postgres::is_address(url);
}

std::string shown_store(const std::string& url) {
  if (!is_shared(url)) {
    return url;
  }
  const auto address = storage::postgres::parse_address(url);
  return address ? address->shown : "postgresql://...";
}

std::string key_file_of(const std::string& url, const std::string& given) {
  if (!given.empty()) {
    return given;
  }
  if (is_shared(url)) {
    const auto address = storage::postgres::parse_address(url);
    const std::string_view name = address ? address->option("dbname") : std::string_view();
    return fmt::format("{}-keys", name.empty() ? "matricula" : name);
  }
  constexpr std::string_view kScheme = "sqlite:";
  return (url.starts_with(kScheme) ? url.substr(kScheme.size()) : url) + "-keys";
}

}  // namespace matricula::server
