#pragma once

#include <string>
#include <string_view>

namespace matricula::auth {

// 32 lower-case hex digits, 128 random bits.
std::string new_token_text();
bool is_token_text(std::string_view text);
// First four characters, ****, last four. Precondition: is_token_text().
std::string redacted_token(std::string_view token);

inline constexpr std::string_view kClientIdPrefix = "udcl_";
// The prefix and 32 lower-case hex digits.
std::string new_client_id();
bool is_client_id_text(std::string_view text);

// `udcs_`, 30 random base62 digits (178 bits) and the CRC-32 of what precedes them as six
// more, so that scanners and the server know a typo without a look-up.
std::string new_client_secret();
// Whether form and checksum are right.
bool is_client_secret_text(std::string_view text);
// The last four characters: what is kept for redactedSecret.
std::string client_secret_tail(std::string_view secret);
// `udcs_`, eight bullets (U+2022), the last four characters.
std::string redacted_client_secret(std::string_view tail);

// 32 random bytes in base64url: the value of a session cookie.
std::string new_session_text();

}  // namespace matricula::auth
