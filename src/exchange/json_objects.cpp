#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "base/escape.h"
#include "base/join.h"
#include "exchange/json_values.h"
#include "records/values.h"

namespace matricula::exchange {
namespace {

using Reason = Result<void>;

tl::unexpected<Error> reason(std::string text) {
  return fail(ErrorCode::kBadUserInput, std::move(text));
}

// The members of an object, in the places that `names` gives them; absent ones stay empty.
template <std::size_t kCount>
Result<std::array<std::optional<JsonElement>, kCount>> members(
    const JsonElement& value, const std::array<std::string_view, kCount>& names) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return reason(fmt::format(": expected an object, found {}", describe(value)));
  }
  std::array<std::optional<JsonElement>, kCount> found;
  for (const auto member : object) {
    std::size_t place = 0;
    while (place < kCount && names[place] != member.key) {
      ++place;
    }
    if (place == kCount) {
      std::string name;
      append_json_string(name, member.key);
      return reason(fmt::format(": unknown field {}; the fields are {}", name, joined(names)));
    }
    if (found[place]) {
      return reason(fmt::format(".{} appears twice", names[place]));
    }
    found[place] = member.value;
  }
  return found;
}

// Appends `"name":` and the value as `append` writes it, or null where it is absent and may be.
template <typename Append>
Reason append_member(std::string& out, std::string_view name,
                     const std::optional<JsonElement>& value, bool is_optional, Append append) {
  out += out.back() == '{' ? "" : ",";
  append_json_string(out, name);
  out += ':';
  if (is_optional && (!value || value->is_null())) {
    out += "null";
    return {};
  }
  if (!value) {
    return reason(fmt::format(".{} is missing", name));
  }
  const Reason appended = append(out, *value);
  if (!appended) {
    const std::string& message = appended.error().message;
    const bool has_place = message.starts_with('[') || message.starts_with(':');
    return reason(fmt::format(".{}{}{}", name, has_place ? "" : ": ", message));
  }
  return {};
}

Reason append_text(std::string& out, const JsonElement& value) {
  MATRICULA_TRY(const std::string_view text, read_text(value));
  append_json_string(out, text);
  return {};
}

// What appends an identifier: a key may be empty.
auto key_appender(Identifiers taken) {
  return [taken](std::string& out, const JsonElement& value) -> Reason {
    MATRICULA_TRY(const std::string_view text, read_key(value, taken));
    append_json_string(out, text);
    return {};
  };
}

auto id_appender(Identifiers taken) {
  return [taken](std::string& out, const JsonElement& value) -> Reason {
    MATRICULA_TRY(const std::string_view text, read_id(value, taken));
    append_json_string(out, text);
    return {};
  };
}

auto steps_appender(Identifiers taken) {
  return [taken](std::string& out, const JsonElement& value) {
    return append_steps(out, value, taken);
  };
}

Reason append_flag(std::string& out, const JsonElement& value) {
  MATRICULA_TRY(const bool flag, read_flag(value));
  out += flag ? "true" : "false";
  return {};
}

Reason append_integer(std::string& out, const JsonElement& value) {
  MATRICULA_TRY(const std::int64_t number, read_integer(value));
  out += std::to_string(number);
  return {};
}

Reason append_step_type(std::string& out, const JsonElement& value) {
  MATRICULA_TRY(const std::string_view text, read_enum(value, records::kStepTypes));
  append_json_string(out, text);
  return {};
}

Reason append_step(std::string& out, const JsonElement& value, Identifiers taken) {
  static constexpr std::array<std::string_view, 6> kNames = {"stepId",     "stepType",    "label",
                                                             "isRequired", "resourceKey", "steps"};
  MATRICULA_TRY(auto found, members(value, kNames));
  out += '{';
  MATRICULA_CHECK(append_member(out, kNames[0], found[0], false, id_appender(taken)));
  MATRICULA_CHECK(append_member(out, kNames[1], found[1], false, append_step_type));
  MATRICULA_CHECK(append_member(out, kNames[2], found[2], false, append_text));
  MATRICULA_CHECK(append_member(out, kNames[3], found[3], false, append_flag));
  MATRICULA_CHECK(append_member(out, kNames[4], found[4], true, key_appender(taken)));
  const bool has_steps = found[5] && !found[5]->is_null();
  if (found[1]->get_string().value_unsafe() == "GROUP") {
    if (has_steps) {
      MATRICULA_CHECK(append_member(out, kNames[5], found[5], false, steps_appender(taken)));
    } else {
      out += ",\"steps\":[]";
    }
  } else if (has_steps) {
    return reason(".steps: only a GROUP has steps");
  } else {
    out += ",\"steps\":null";
  }
  out += '}';
  return {};
}

Reason append_translation(std::string& out, const JsonElement& value, Identifiers taken) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "language", "title", "summary", "version", "major", "minor", "patch"};
  MATRICULA_TRY(auto found, members(value, kNames));
  out += '{';
  MATRICULA_CHECK(append_member(out, kNames[0], found[0], false, id_appender(taken)));
  for (std::size_t i = 1; i < 4; ++i) {
    MATRICULA_CHECK(append_member(out, kNames[i], found[i], true, append_text));
  }
  for (std::size_t i = 4; i < kNames.size(); ++i) {
    MATRICULA_CHECK(append_member(out, kNames[i], found[i], true, append_integer));
  }
  out += '}';
  return {};
}

template <typename Append>
Reason append_array(std::string& out, const JsonElement& value, std::string_view what,
                    Identifiers taken, Append append) {
  simdjson::dom::array items;
  if (value.get(items) != simdjson::SUCCESS) {
    return reason(fmt::format(": expected an array of {}, found {}", what, describe(value)));
  }
  out += '[';
  std::size_t count = 0;
  for (const JsonElement item : items) {
    out += count == 0 ? "" : ",";
    const Reason appended = append(out, item, taken);
    if (!appended) {
      return reason(fmt::format("[{}]{}", count, appended.error().message));
    }
    ++count;
  }
  out += ']';
  return {};
}

}  // namespace

// Goes no deeper than kNestingMax, which the parser has already counted.
Result<void> append_steps(std::string& out, const JsonElement& value, Identifiers taken) {
  return append_array(out, value, "steps", taken, append_step);
}

Result<void> append_translations(std::string& out, const JsonElement& value, Identifiers taken) {
  return append_array(out, value, "translations", taken, append_translation);
}

}  // namespace matricula::exchange
