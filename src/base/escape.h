#pragma once

#include <string>
#include <string_view>

namespace matricula {

// Appends the text as a JSON string with its quotes: control characters, quote and backslash
// escaped as RFC 8259 section 7 asks, everything else as it is. Precondition: `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);

// The same as a value.
std::string json_string(std::string_view text);

}  // namespace matricula
