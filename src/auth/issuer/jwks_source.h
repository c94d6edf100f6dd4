#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "auth/issuer/outside_issuer.h"
#include "base/result.h"

namespace matricula::auth {

// An outside issuer and where its keys are read from, again and again: providers rotate their keys
// without notice. Safe to call from any thread.
class JwksSource {
 public:
  // `place` is a file or an http(s) URL with the keys of `issuer`. kUsage without issuer and
  // audience, see OutsideIssuer; kIo for a file that cannot be read. A URL is not fetched yet: no
  // JWT of the issuer is accepted until refresh() succeeds.
  static Result<std::unique_ptr<JwksSource>> open(std::string place, OutsideIssuer issuer);
  // Without a place: the keys of `issuer` stay, and refresh() must not be called.
  explicit JwksSource(OutsideIssuer issuer);

  std::shared_ptr<const OutsideIssuer> current() const;

  // Reads the keys again; those before stay when that fails. Takes up to 10 seconds for a URL: for
  // a thread of its own.
  Result<void> refresh();
  // Ends a refresh() that is under way within a second or so, and all later ones.
  void give_up() { is_given_up_.store(true, std::memory_order_relaxed); }

 private:
  std::string place_;
  std::atomic<bool> is_given_up_{false};
  mutable std::mutex mutex_;
  std::shared_ptr<const OutsideIssuer> current_;
};

}  // namespace matricula::auth
