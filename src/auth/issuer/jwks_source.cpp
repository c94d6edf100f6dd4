#include "auth/issuer/jwks_source.h"

#include "auth/issuer/fetch.h"
#include "base/files.h"

namespace matricula::auth {

Result<std::unique_ptr<JwksSource>> JwksSource::open(std::string place, OutsideIssuer issuer) {
  if (issuer.issuer.empty() || issuer.audience.empty()) {
    return fail(ErrorCode::kUsage, "A JWK set needs the issuer and the audience of its JWTs.");
  }
  auto source = std::make_unique<JwksSource>(std::move(issuer));
  source->place_ = std::move(place);
  if (!is_url(source->place_)) {
    MATRICULA_CHECK(source->refresh());
  }
  return source;
}

JwksSource::JwksSource(OutsideIssuer issuer)
    : current_(std::make_shared<const OutsideIssuer>(std::move(issuer))) {}

std::shared_ptr<const OutsideIssuer> JwksSource::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Result<void> JwksSource::refresh() {
  const auto before = current();
  MATRICULA_TRY(const std::string text, is_url(place_)
                                            ? fetch(place_, kKeySetBytesMax, is_given_up_)
                                            : read_file(place_, kKeySetBytesMax));
  MATRICULA_TRY(KeySet keys, KeySet::read(text));
  OutsideIssuer issuer = *before;
  issuer.keys = std::move(keys);
  const std::lock_guard lock(mutex_);
  current_ = std::make_shared<const OutsideIssuer>(std::move(issuer));
  return {};
}

}  // namespace matricula::auth
