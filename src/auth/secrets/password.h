#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::auth {

inline constexpr std::size_t kPasswordBytesMax = 1'024;
inline constexpr std::size_t kPasswordBytesMin = 8;

// Argon2id with 19 MiB and two passes (OWASP's minimum). At most two run at once, so that it never
// takes more than 38 MiB; other callers wait, and get kUnavailable after 10 seconds. Safe to call
// from any thread.
class PasswordHasher {
 public:
  PasswordHasher();
  // Text that names algorithm, cost and salt. kBadUserInput for a password that is too short or too
  // long.
  Result<std::string> hash(std::string_view password);
  // Whether the password is the hash's. Always costs one hash: an empty `hash` (no such user, or
  // one without a password) is never right but takes as long, and so does a password that is too
  // long.
  Result<bool> verify(std::string_view hash, std::string_view password);

 private:
  std::counting_semaphore<2> turns_{2};
};

}  // namespace matricula::auth
