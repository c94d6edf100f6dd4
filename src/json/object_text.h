#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/writer.h"

namespace matricula::json {

// One JSON object, member by member, where speed does not matter. Absent optionals are null.
class ObjectText {
 public:
  ObjectText& text(std::string_view name, std::string_view value) {
    append_string(member(name), value);
    return *this;
  }
  ObjectText& optional_text(std::string_view name, const std::optional<std::string>& value) {
    return value ? text(name, *value) : raw(name, "null");
  }
  ObjectText& integer(std::string_view name, std::optional<std::int64_t> value) {
    if (!value) {
      return raw(name, "null");
    }
    append_integer(member(name), *value);
    return *this;
  }
  ObjectText& time(std::string_view name, std::optional<Timestamp> value) {
    if (!value) {
      return raw(name, "null");
    }
    append_time(member(name), *value);
    return *this;
  }
  ObjectText& boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  ObjectText& raw(std::string_view name, std::string_view json_text) {
    member(name) += json_text;
    return *this;
  }
  std::string take() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  std::string& member(std::string_view name) {
    if (out_.size() > 1) {
      out_ += ',';
    }
    append_string(out_, name);
    out_ += ':';
    return out_;
  }

  std::string out_ = "{";
};

// A JSON array from the text that `view` makes of each value.
template <typename T, typename View>
std::string array_text(const std::vector<T>& values, View view) {
  std::string out = "[";
  for (const T& value : values) {
    if (out.size() > 1) {
      out += ',';
    }
    out += view(value);
  }
  out += ']';
  return out;
}

inline std::string text_list(const std::vector<std::string>& values) {
  return array_text(values, [](const std::string& value) {
    std::string out;
    append_string(out, value);
    return out;
  });
}

}  // namespace matricula::json
