#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "auth/secrets.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::server {

struct StoreOptions {
  bool create = true;
  bool migrate = true;
  std::int64_t page_cache_bytes = 64 * 1024 * 1024;
  std::chrono::milliseconds statement_timeout{0};  // see storage::OpenOptions
  std::string app_role = {};
};

// Opens a store with the tables of every module. Errors as those of storage::open_database().
Result<std::unique_ptr<storage::Database>> open_store(const std::string& url,
                                                      const StoreOptions& options,
                                                      const Clock& clock);

// The key file of a store: `given`, or the store's path with "-keys".
std::string key_file_of(const std::string& url, const std::string& given);

}  // namespace matricula::server
