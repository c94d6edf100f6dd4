#include "server/issuer_keys.h"

#include <chrono>

#include "base/clock.h"

namespace matricula::server {
namespace {

constexpr std::chrono::seconds kEvery{60};

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
  const auto refresh = [source = keys->source_.get(), &logger] {
    if (const auto read = source->refresh(); !read) {
      logger.log(LogLevel::kWarning, "the JWK set could not be read; the one before holds",
                 {{"error", read.error().message}});
    }
  };
  if (keys->source_->current()->keys.size() == 0) {
    refresh();
  }
  keys->repeater_.emplace(kEvery, refresh);
  return keys;
}

void IssuerKeys::reload_soon() {
  if (repeater_) {
    repeater_->run_soon();
  }
}

}  // namespace matricula::server
