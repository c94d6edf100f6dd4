#include "auth/secrets/secret_text.h"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kSecretPrefix = "udcs_";
constexpr std::size_t kSecretRandomDigits = 30;
constexpr std::size_t kSecretChecksumDigits = 6;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string checksum(std::string_view text) {
  auto rest = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  std::string digits(kSecretChecksumDigits, '0');
  for (std::size_t i = digits.size(); i-- > 0;) {
    digits[i] = kBase62[rest % kBase62.size()];
    rest /= static_cast<std::uint32_t>(kBase62.size());
  }
  return digits;
}

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

std::string new_token_text() {
  return to_hex(random_bytes(16));
}

bool is_token_text(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), is_lower_hex);
}

std::string redacted_token(std::string_view token) {
  MATRICULA_ASSERT(is_token_text(token));
  return std::string(token.substr(0, 4)) + "****" + std::string(token.substr(28));
}

std::string new_client_id() {
  return std::string(kClientIdPrefix) + to_hex(random_bytes(16));
}

bool is_client_id_text(std::string_view text) {
  return text.starts_with(kClientIdPrefix) && is_token_text(text.substr(kClientIdPrefix.size()));
}

std::string new_client_secret() {
  std::string secret(kSecretPrefix);
  for (std::size_t i = 0; i < kSecretRandomDigits; ++i) {
    secret += kBase62[randombytes_uniform(static_cast<std::uint32_t>(kBase62.size()))];
  }
  return secret + checksum(secret);
}

bool is_client_secret_text(std::string_view text) {
  if (text.size() != kSecretPrefix.size() + kSecretRandomDigits + kSecretChecksumDigits ||
      !text.starts_with(kSecretPrefix)) {
    return false;
  }
  const std::string_view body = text.substr(0, text.size() - kSecretChecksumDigits);
  return text.substr(body.size()) == checksum(body);
}

std::string client_secret_tail(std::string_view secret) {
  MATRICULA_ASSERT(secret.size() >= 4);
  return std::string(secret.substr(secret.size() - 4));
}

std::string redacted_client_secret(std::string_view tail) {
  std::string text(kSecretPrefix);
  for (int i = 0; i < 8; ++i) {
    text += "\u2022";
  }
  return text.append(tail);
}

std::string new_session_text() {
  return to_base64url(random_bytes(32));
}

}  // namespace matricula::auth
