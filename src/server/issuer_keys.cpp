#include "server/issuer_keys.h"

#include <chrono>

#include "base/clock.h"

namespace matricula::server {
namespace {

constexpr std::chrono::seconds kEvery{60};
constexpr std::chrono::seconds kFirstWait{1};

}  // namespace

Result<std::unique_ptr<IssuerKeys>> IssuerKeys::open(const Config& config, Logger& logger) {
  auto keys = std::unique_ptr<IssuerKeys>(new IssuerKeys);
  if (config.jwks.empty()) {
    return keys;
  }
  MATRICULA_TRY(keys->source_,
                auth::JwksSource::open(config.jwks,
                                       {.keys = {},
                                        .issuer = config.jwt_issuer,
                                        .audience = config.jwt_audience,
                                        .needs_email_verified = config.jwt_email_verified,
                                        .lifetime_max = config.jwt_lifetime_s * kMicrosPerSecond}));
  keys->repeater_.emplace(kEvery, [self = keys.get(), &logger] { self->refresh(logger); });
  if (keys->source_->current()->keys.size() == 0) {
    keys->repeater_->run_soon();
    std::unique_lock lock(keys->mutex_);
    keys->refreshed_.wait_for(lock, kFirstWait, [&] { return keys->was_refreshed_; });
  }
  return keys;
}

IssuerKeys::~IssuerKeys() {
  if (source_ != nullptr) {
    source_->give_up();
  }
}

void IssuerKeys::refresh(Logger& logger) {
  if (const auto read = source_->refresh(); !read) {
    logger.log(LogLevel::kWarning, "the JWK set could not be read; the one before holds",
               {{"error", read.error().message}});
  }
  const std::lock_guard lock(mutex_);
  was_refreshed_ = true;
  refreshed_.notify_all();
}

void IssuerKeys::reload_soon() {
  if (repeater_) {
    repeater_->run_soon();
  }
}

}  // namespace matricula::server
