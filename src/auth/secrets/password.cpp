#include "auth/secrets/password.h"

#include <array>
#include <chrono>
#include <sodium.h>

#include "base/assert.h"

namespace matricula::auth {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = std::size_t{19} * 1024 * 1024;
constexpr std::chrono::seconds kWaitMax{10};

// A turn among those who hash, given back at the end.
class Turn {
 public:
  explicit Turn(std::counting_semaphore<2>& turns)
      : turns_(turns), has_it_(turns.try_acquire_for(kWaitMax)) {}
  ~Turn() {
    if (has_it_) {
      turns_.release();
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool has_it() const { return has_it_; }

 private:
  std::counting_semaphore<2>& turns_;
  bool has_it_;
};

Error too_busy() {
  return {.code = ErrorCode::kUnavailable, .message = "Too many logins at once: try again later."};
}

// Nothing when there is no memory for it.
Result<std::string> argon2id(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text = {};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(too_busy());
  }
  return std::string(text.data());
}

}  // namespace

PasswordHasher::PasswordHasher() {
  MATRICULA_ASSERT(sodium_init() >= 0);
  // The hash of a random text, which is thrown away.
  std::array<char, 32> random = {};
  randombytes_buf(random.data(), random.size());
  auto hash = argon2id({random.data(), random.size()});
  MATRICULA_ASSERT(hash.has_value());
  decoy_ = std::move(*hash);
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
    return fail(ErrorCode::kBadUserInput, "A password must have 8 to 1024 bytes.");
  }
  const Turn turn(turns_);
  return turn.has_it() ? argon2id(password) : Result<std::string>(fail(too_busy()));
}

Result<bool> PasswordHasher::verify(std::string_view hash, std::string_view password) {
  const Turn turn(turns_);
  if (!turn.has_it()) {
    return fail(too_busy());
  }
  const bool can_be_right = !hash.empty() && password.size() <= kPasswordBytesMax;
  const std::string text(can_be_right ? hash : decoy_);
  const std::string_view counted = password.substr(0, kPasswordBytesMax);
  const bool is_right = crypto_pwhash_str_verify(text.c_str(), counted.data(), counted.size()) == 0;
  return can_be_right && is_right;
}

}  // namespace matricula::auth
