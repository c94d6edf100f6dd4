#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::auth {

inline constexpr std::size_t kPasswordBytesMax = 1'024;
inline constexpr std::size_t kPasswordBytesMin = 8;

// Argon2id with 19 MiB and two passes (OWASP's minimum), at most two at once: 38 MiB whatever is
// asked. Callers wait for their turn, kUnavailable after 10 seconds. Safe to call from any thread.
class PasswordHasher {
 public:
  PasswordHasher();
  // Text that names algorithm, cost and salt. kBadUserInput for a password that is too short or too
  // long.
  Result<std::string> hash(std::string_view password);
  // Whether the password is the hash's. An empty `hash` takes as long and is never right.
  Result<bool> verify(std::string_view hash, std::string_view password);

 private:
  std::counting_semaphore<2> turns_{2};
  std::string decoy_;  // what is verified where there is no hash
};

}  // namespace matricula::auth
