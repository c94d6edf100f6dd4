#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::auth {

// Bounds of a password in Normalization Form C.
inline constexpr std::size_t kPasswordBytesMax = 1'024;
inline constexpr std::size_t kPasswordBytesMin = 8;
// Of one as it is typed: the form may be several times shorter.
inline constexpr std::size_t kTypedPasswordBytesMax = 4 * kPasswordBytesMax;

// Passwords count in Normalization Form C: systems differ in how they write what is typed, and a
// person uses several.
//
// Argon2id with 19 MiB and two passes (OWASP's minimum). At most two run at once, so that it never
// takes more than 38 MiB; other callers wait, and get kUnavailable after 10 seconds. Safe to call
// from any thread.
class PasswordHasher {
 public:
  PasswordHasher();
  // Text that names algorithm, cost and salt. kBadUserInput for a password that is too short or too
  // long in its normal form.
  Result<std::string> hash(std::string_view password);
  // Whether the password is the hash's. How long a wrong one takes depends on the password alone,
  // and is one hash for most: an empty `hash` (no such user, or one without a password) is never
  // right but takes as long, and so does a password that is too long. One that is not in normal
  // form is tried as it is too, since earlier versions hashed what was typed.
  Result<bool> verify(std::string_view hash, std::string_view password);

 private:
  Result<bool> verify_exactly(std::string_view hash, std::string_view password);

  std::counting_semaphore<2> turns_{2};
};

}  // namespace matricula::auth
