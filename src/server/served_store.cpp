#include "server/served_store.h"

#include <string>

#include "server/store.h"
#include "storage/postgres/await.h"

namespace matricula::server {
namespace {

Result<void> require_fence(const Config& config, storage::postgres::Fence fence,
                           const Clock& clock) {
  return config.allow_privileged_role
             ? Result<void>()
             : storage::postgres::require_fence(config.store, fence, clock);
}

}  // namespace

Result<std::unique_ptr<storage::Database>> open_served_store(const Config& config,
                                                             const Signals& signals,
                                                             const Clock& clock, Logger& logger) {
  using storage::postgres::Fence;
  const bool shared = is_shared(config.store);
  if (shared) {
    MATRICULA_TRY(
        const bool is_there,
        storage::postgres::await_server(
            config.store,
            {.limit = config.store_wait,
             .note = [&logger](std::string_view text) { logger.log(LogLevel::kWarning, text, {}); },
             .pause = [&signals](auto time) { return signals.sleep(time); }},
            clock));
    if (!is_there) {
      return std::unique_ptr<storage::Database>();
    }
    // Checked before the migrations, which are run by this role.
    MATRICULA_CHECK(require_fence(config, Fence::kOwnerToo, clock));
  }
  // Another program that migrates or writes is waited for.
  const Signals::EndAtOnce end_at_once;
  MATRICULA_TRY(auto database, open_store(config.store,
                                          {.takes_empty_file = config.demo,
                                           .page_cache_bytes = config.page_cache_bytes,
                                           .statement_timeout = config.request_timeout},
                                          clock));
  if (shared) {
    MATRICULA_CHECK(
        require_fence(config, config.demo ? Fence::kOwnerToo : Fence::kNoPrivilege, clock));
  }
  return database;
}

}  // namespace matricula::server
