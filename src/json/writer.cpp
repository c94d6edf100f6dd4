#include "json/writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/time_text.h"
#include "base/uuid.h"

namespace matricula::json {

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 20> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

void append_float(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";  // JSON has no such number, and a stored value must not end the server
    return;
  }
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

void append_time(std::string& out, Timestamp value) {
  std::array<char, kTimeTextMax + 2> buffer;
  buffer[0] = '"';
  const std::size_t length = format_time(value, buffer.data() + 1);
  buffer[length + 1] = '"';
  out.append(buffer.data(), length + 2);
}

void append_uuid(std::string& out, std::span<const std::byte> bytes) {
  std::array<char, kUuidTextBytes + 2> buffer;
  buffer.front() = '"';
  format_uuid(bytes, buffer.data() + 1);
  buffer.back() = '"';
  out.append(buffer.data(), buffer.size());
}

}  // namespace matricula::json
