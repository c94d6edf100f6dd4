#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "auth/issuer/jwks_source.h"
#include "base/log.h"
#include "base/result.h"
#include "server/config.h"
#include "server/repeater.h"

namespace matricula::server {

// Refreshes the key set (JWKS) of an outside issuer, if there is one, every minute. A key set that
// cannot be read is logged, and the one before stays in use.
class IssuerKeys {
 public:
  // Waits at most a second for a URL to answer; the server starts without its keys then. `logger`
  // must outlive it. Fails as JwksSource::open() does.
  static Result<std::unique_ptr<IssuerKeys>> open(const Config& config, Logger& logger);

  ~IssuerKeys();
  IssuerKeys(const IssuerKeys&) = delete;
  IssuerKeys& operator=(const IssuerKeys&) = delete;

  // Null where there is no outside issuer.
  const auth::JwksSource* source() const { return source_.get(); }
  // Has the keys read again now, on a thread of its own.
  void reload_soon();

 private:
  IssuerKeys() = default;

  void refresh(Logger& logger);

  std::unique_ptr<auth::JwksSource> source_;
  std::mutex mutex_;
  std::condition_variable refreshed_;
  bool was_refreshed_ = false;
  std::optional<Repeater> repeater_;  // last: its thread uses the source
};

}  // namespace matricula::server
