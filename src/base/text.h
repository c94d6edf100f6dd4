#pragma once

#include <string>
#include <string_view>

namespace matricula {

// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms; NUL is allowed).
bool is_utf8(std::string_view bytes);

// The Unicode simple lower-case mapping, code point by code point: what e-mail addresses, titles
// and searches are compared by. Precondition: `text` is UTF-8.
std::string to_lower(std::string_view text);

// The text in Unicode's Normalization Form C, in which characters with accents are one code point
// where there is one: systems that write them apart (macOS) then mean the same text. Text that
// cannot be normalized is given as it is. Precondition: `text` is UTF-8.
std::string to_nfc(std::string_view text);

// Whether the first or the last character is a blank: a space of any kind, or one without width,
// such as a byte order mark. Precondition: `text` is UTF-8.
bool has_blank_ends(std::string_view text);
// Whether a control character or a line separator of Unicode is in it. Precondition: as above.
bool has_control_characters(std::string_view text);

// The value of a hex digit in either case; -1 where it is none.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const int letter = (c | 0x20) - 'a';
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

std::string to_hex(std::string_view bytes);

// Unpadded base64url (RFC 4648 section 5).
std::string to_base64url(std::string_view bytes);
void append_base64url(std::string& out, std::string_view bytes);
// False when the text is not canonical unpadded base64url; `out` is then unspecified.
bool from_base64url(std::string_view text, std::string& out);

}  // namespace matricula
