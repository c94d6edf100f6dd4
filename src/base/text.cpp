#include "base/text.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <simdjson.h>
#include <sodium.h>
#include <utf8proc.h>

#include "base/ascii.h"

namespace matricula {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

const utf8proc_uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// The code point that the text begins with, and its bytes.
struct CodePoint {
  utf8proc_int32_t value = 0;
  std::size_t bytes = 0;
};

// nullopt where the text is empty or no UTF-8.
std::optional<CodePoint> first_of(std::string_view text) {
  CodePoint first;
  const auto bytes =
      utf8proc_iterate(as_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &first.value);
  if (text.empty() || bytes <= 0) {
    return std::nullopt;
  }
  first.bytes = static_cast<std::size_t>(bytes);
  return first;
}

std::optional<CodePoint> last_of(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && (static_cast<unsigned char>(text[--start]) & 0xc0) == 0x80) {
  }
  return first_of(text.substr(start));
}

bool is_blank(const std::optional<CodePoint>& character) {
  // Zero width space, (non-)joiners, word joiner, byte order mark: format characters to Unicode.
  constexpr utf8proc_int32_t kWithoutWidth[] = {0x200b, 0x200c, 0x200d, 0x2060, 0xfeff};
  return character &&
         (utf8proc_category(character->value) == UTF8PROC_CATEGORY_ZS ||
          std::ranges::find(kWithoutWidth, character->value) != std::end(kWithoutWidth));
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string to_lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      out.push_back(ascii_lower(text[i]));
      ++i;
      continue;
    }
    utf8proc_int32_t code_point = 0;
    const auto length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + i),
                         static_cast<utf8proc_ssize_t>(text.size() - i), &code_point);
    if (length <= 0) {
      out.push_back(text[i++]);  // no UTF-8: kept as it is
      continue;
    }
    utf8proc_uint8_t encoded[4];
    const auto written = utf8proc_encode_char(utf8proc_tolower(code_point), encoded);
    out.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(written));
    i += static_cast<std::size_t>(length);
  }
  return out;
}

std::string to_nfc(std::string_view text) {
  struct Free {
    void operator()(utf8proc_uint8_t* memory) const { std::free(memory); }
  };
  if (is_ascii(text)) {
    return std::string(text);
  }
  utf8proc_uint8_t* made = nullptr;
  const auto length =
      utf8proc_map(as_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &made,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, Free> memory(made);
  return length < 0
             ? std::string(text)
             : std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
}

bool has_blank_ends(std::string_view text) {
  return is_blank(first_of(text)) || is_blank(last_of(text));
}

bool has_control_characters(std::string_view text) {
  while (!text.empty()) {
    const auto first = first_of(text);
    if (!first) {
      text.remove_prefix(1);
      continue;
    }
    const utf8proc_category_t category = utf8proc_category(first->value);
    if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
        category == UTF8PROC_CATEGORY_ZP) {
      return true;
    }
    text.remove_prefix(first->bytes);
  }
  return false;
}

std::string to_hex(std::string_view bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  out.pop_back();
  return out;
}

void append_base64url(std::string& out, std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  const std::size_t start = out.size();
  const std::size_t room = sodium_base64_ENCODED_LEN(bytes.size(), kVariant);
  out.resize(start + room);
  sodium_bin2base64(out.data() + start, room, reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  out.pop_back();  // the terminating NUL that sodium counts and writes
}

std::string to_base64url(std::string_view bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

bool from_base64url(std::string_view text, std::string& out) {
  out.resize(text.size() / 4 * 3 + 3);
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &length, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return false;
  }
  out.resize(length);
  return true;
}

}  // namespace matricula
