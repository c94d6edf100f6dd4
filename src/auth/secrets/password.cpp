#include "auth/secrets/password.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <sodium.h>
#include <sys/mman.h>

#include "base/assert.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = std::size_t{19} * 1024 * 1024;
constexpr std::chrono::seconds kWaitMax{10};
// Of 32 random bytes, which are discarded; as costly to verify as any other.
constexpr const char* kDecoy =
    "$argon2id$v=19$m=19456,t=2,p=1$uIAV80YAvPTJrE//YmDTCA$sGX4Ve"
    "NSE6Lu8y6Tn+0OqYMKwAGe6GgT2y5YbcZ6SZM";

bool is_control_character(char c) {
  return (c >= '\0' && c < ' ') || c == '\x7f';
}

// One of the slots for hashing, or none after a wait of kWaitMax; released in the destructor.
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

// kUnavailable where there is no memory for it.
Result<std::string> argon2id(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text = {};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(too_busy());
  }
  return std::string(text.data());
}

// Whether there is memory to verify a hash: without it, libsodium answers "wrong password".
bool has_memory() {
  constexpr std::size_t kBytes = kMemoryBytes + std::size_t{1024} * 1024;
  void* const memory =
      mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory != MAP_FAILED && munmap(memory, kBytes) == 0;
}

}  // namespace

PasswordHasher::PasswordHasher() {
  MATRICULA_ASSERT(sodium_init() >= 0);
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  // Such text cannot be typed or sent as JSON: another encoding, or line ends of another system.
  if (!is_utf8(password) || std::ranges::any_of(password, is_control_character)) {
    return fail(ErrorCode::kBadUserInput, "A password must be UTF-8 without control characters.");
  }
  const bool is_short_enough = password.size() <= kTypedPasswordBytesMax;
  const std::string text = is_short_enough ? to_nfc(password) : std::string();
  if (text.size() < kPasswordBytesMin || text.size() > kPasswordBytesMax) {
    return fail(ErrorCode::kBadUserInput, "A password must have 8 to 1024 bytes.");
  }
  const Turn turn(turns_);
  return turn.has_it() ? argon2id(text) : Result<std::string>(fail(too_busy()));
}

Result<bool> PasswordHasher::verify(std::string_view hash, std::string_view password) {
  if (password.size() > kTypedPasswordBytesMax) {
    return verify_exactly(hash, password);
  }
  const std::string text = to_nfc(password);
  MATRICULA_TRY(const bool is_right, verify_exactly(hash, text));
  return is_right || text == password ? Result<bool>(is_right) : verify_exactly(hash, password);
}

Result<bool> PasswordHasher::verify_exactly(std::string_view hash, std::string_view password) {
  const Turn turn(turns_);
  if (!turn.has_it()) {
    return fail(too_busy());
  }
  const bool can_be_right = !hash.empty() && password.size() <= kPasswordBytesMax;
  const std::string text(can_be_right ? hash : kDecoy);
  const std::string_view counted = password.substr(0, kPasswordBytesMax);
  if (!has_memory()) {
    return fail(too_busy());
  }
  const bool is_right = crypto_pwhash_str_verify(text.c_str(), counted.data(), counted.size()) == 0;
  return can_be_right && is_right;
}

}  // namespace matricula::auth
