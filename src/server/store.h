#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::server {

struct StoreOptions {
  bool create = true;  // this and the next: see storage::OpenOptions
  bool takes_empty_file = true;
  bool migrate = true;
  std::int64_t page_cache_bytes = storage::OpenOptions().page_cache_bytes;
  std::chrono::milliseconds statement_timeout{0};  // see storage::OpenOptions
  std::string app_role = {};
};

// Opens a store with the tables of every module. Errors as those of storage::open_database().
Result<std::unique_ptr<storage::Database>> open_store(const std::string& url,
                                                      const StoreOptions& options,
                                                      const Clock& clock);

// The address of a store as people write it, checked: `sqlite:FILE` (also `sqlite://FILE` and
// `sqlite:///FILE`) or `postgresql://...`. kUsage for anything else, without repeating a secret
// that the text may hold.
Result<std::string> store_address(std::string_view text);

// Whether the store is one that several nodes share.
bool is_shared(const std::string& url);

// The store's address for messages: never with a password.
std::string shown_store(const std::string& url);

}  // namespace matricula::server
