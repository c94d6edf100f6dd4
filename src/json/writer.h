#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/escape.h"

namespace matricula::json {

// Appending writers: they grow `out` and allocate only when it has to grow.

void append_integer(std::string& out, std::int64_t value);

// The shortest text that reads back the same, in JSON's grammar. Precondition: finite.
void append_float(std::string& out, double value);

// As a string: RFC 3339 in UTC.
void append_time(std::string& out, Timestamp value);

// Sixteen bytes as a string in RFC 9562's lower-case form; of other lengths as format_uuid().
void append_uuid(std::string& out, std::span<const std::byte> bytes);

inline void append_string(std::string& out, std::string_view text) {
  append_json_string(out, text);
}

inline void append_boolean(std::string& out, bool value) {
  out += value ? "true" : "false";
}

}  // namespace matricula::json
