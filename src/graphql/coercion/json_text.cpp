#include "graphql/coercion/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>

#include "base/escape.h"

namespace matricula::graphql {

namespace {

constexpr std::size_t kItemsMax = 10;
constexpr std::size_t kDepthMax = 2;
constexpr double kExactIntegerMax = 9'007'199'254'740'991.0;

// 0 to 2^32 - 2, without leading zeros: what JavaScript takes for an array index.
std::optional<std::uint32_t> array_index(std::string_view name) {
  std::uint32_t index = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, index);
  const bool is_canonical = !name.empty() && name[0] != '-' && (name[0] != '0' || name.size() == 1);
  if (error != std::errc() || rest != end || !is_canonical ||
      index == std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return index;
}

void append(std::string& out, const json::Value& value, std::size_t depth);

void append_array(std::string& out, const json::Value::Array& items, std::size_t depth) {
  if (items.empty()) {
    out += "[]";
    return;
  }
  if (depth > kDepthMax) {
    out += "[Array]";
    return;
  }
  out += '[';
  const std::size_t shown = std::min(items.size(), kItemsMax);
  for (std::size_t i = 0; i < shown; ++i) {
    out += i > 0 ? ", " : "";
    append(out, items[i], depth);
  }
  if (const std::size_t more = items.size() - shown; more > 0) {
    out += fmt::format(", ... {} more item{}", more, more == 1 ? "" : "s");
  }
  out += ']';
}

void append_object(std::string& out, const json::Value::Object& object, std::size_t depth) {
  if (object.empty()) {
    out += "{}";
    return;
  }
  if (depth > kDepthMax) {
    out += "[Object]";
    return;
  }
  std::string_view separator = "{ ";
  for (const auto* const member : ordered_members(object)) {
    out.append(separator).append(member->name).append(": ");
    append(out, member->value, depth);
    separator = ", ";
  }
  out += " }";
}

// `depth` counts the arrays and objects around the value.
void append(std::string& out, const json::Value& value, std::size_t depth) {
  if (value.is_null()) {
    out += "null";
  } else if (const bool* const flag = std::get_if<bool>(&value.data)) {
    out += *flag ? "true" : "false";
  } else if (const auto* const number = std::get_if<json::Value::Number>(&value.data)) {
    out += number_text(number_of(*number));
  } else if (const auto* const text = std::get_if<std::string>(&value.data)) {
    append_json_string(out, *text);
  } else if (const auto* const items = std::get_if<json::Value::Array>(&value.data)) {
    append_array(out, *items, depth + 1);
  } else if (const auto* const object = value.object()) {
    append_object(out, *object, depth + 1);
  }
}

}  // namespace

double number_of(const json::Value::Number& number) {
  double value = 0;
  const char* const end = number.text.data() + number.text.size();
  if (std::from_chars(number.text.data(), end, value).ec == std::errc::result_out_of_range) {
    // Says whether it was too large (infinity) or too small (zero).
    value = std::strtod(number.text.c_str(), nullptr);
  }
  return value;
}

bool is_integer(double number) {
  return std::isfinite(number) && std::trunc(number) == number;
}

std::string number_text(double number) {
  if (!std::isfinite(number)) {
    return std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
  }
  if (number == 0) {
    return "0";
  }
  // The shortest digits that read back the same: d.ddde+xx.
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(number), std::chars_format::scientific)
          .ptr;
  const std::string_view scientific(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t mark = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (mark > 2) {
    digits += scientific.substr(2, mark - 2);
  }
  const int exponent = std::atoi(std::string(scientific.substr(mark + 1)).c_str());
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  std::string text;
  if (point > 21 || point < -5) {
    text = digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") +
           fmt::format("e{}{}", exponent < 0 ? '-' : '+', std::abs(exponent));
  } else if (point <= 0) {
    text = "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else if (count <= point) {
    text = digits + std::string(static_cast<std::size_t>(point - count), '0');
  } else {
    text = digits;
    text.insert(static_cast<std::size_t>(point), ".");
  }
  return number < 0 ? "-" + text : text;
}

std::optional<std::string> id_text(const json::Value::Number& number) {
  const double value = number_of(number);
  const bool has_digits_only =
      number.text.find_first_not_of("0123456789", number.text[0] == '-' ? 1 : 0) ==
      std::string::npos;
  if (has_digits_only && std::abs(value) > kExactIntegerMax) {
    return number.text;
  }
  return is_integer(value) ? std::optional(number_text(value)) : std::nullopt;
}

std::string inspect(const json::Value& value) {
  std::string out;
  append(out, value, 0);
  return out;
}

std::vector<const json::Value::Member*> ordered_members(const json::Value::Object& object) {
  std::vector<const json::Value::Member*> members;
  members.reserve(object.size());
  bool has_indices = false;
  for (const auto& member : object) {
    members.push_back(&member);
    has_indices = has_indices || array_index(member.name).has_value();
  }
  if (has_indices) {
    std::stable_sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
      const auto index_a = array_index(a->name);
      const auto index_b = array_index(b->name);
      return index_a && (!index_b || *index_a < *index_b);
    });
  }
  return members;
}

}  // namespace matricula::graphql
