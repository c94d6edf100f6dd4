#include "exchange/record_reader.h"

#include <algorithm>
#include <bitset>
#include <fmt/format.h>
#include <simdjson.h>

#include "base/assert.h"
#include "base/escape.h"
#include "exchange/json_values.h"
#include "exchange/limits.h"

namespace matricula::exchange {
namespace {

using records::Entity;
using records::Field;
using records::kFieldsMax;

using Seen = std::bitset<kFieldsMax>;
using FoundFields = std::array<JsonElement, kFieldsMax>;

constexpr std::string_view kDeletion = "_delete";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

tl::unexpected<Error> reason(std::string text) {
  return fail(ErrorCode::kBadUserInput, std::move(text));
}

tl::unexpected<Error> json_reason(simdjson::error_code code) {
  if (code == simdjson::UTF8_ERROR) {
    return reason("is not UTF-8");
  }
  if (code == simdjson::DEPTH_ERROR) {
    return reason(fmt::format("is nested deeper than {} levels", kNestingMax));
  }
  if (code == simdjson::NUMBER_ERROR) {
    return reason("is not valid JSON: a number is malformed or too large");
  }
  if (code == simdjson::STRING_ERROR || code == simdjson::UNESCAPED_CHARS) {
    return reason("is not valid JSON: a text has a bad escape or a control character");
  }
  if (code == simdjson::UNCLOSED_STRING) {
    return reason("is not valid JSON: a text is not closed");
  }
  return reason("is not valid JSON");
}

tl::unexpected<Error> unknown_field(const Entity& entity, std::string_view name) {
  std::string quoted;
  append_json_string(quoted, name);
  std::string known;
  for (const Field& field : entity.fields) {
    known += known.empty() ? "" : ", ";
    known += field.name;
  }
  return reason(fmt::format("unknown field {}; the fields of a {} record are {}", quoted,
                            entity.name, known));
}

// Most writers keep one order, so the field after the last one is tried first.
std::optional<std::size_t> place_of(const Entity& entity, std::string_view name,
                                    std::size_t expected) {
  if (expected < entity.fields.size() && entity.fields[expected].name == name) {
    return expected;
  }
  return records::find_field(entity, name);
}

// Finds the fields; values are not looked at, but that of _delete.
Result<void> find_fields(const Entity& entity, const simdjson::dom::object& object, Seen& seen,
                         FoundFields& found, bool& is_deletion) {
  std::size_t expected = 0;
  bool has_deletion = false;
  for (const auto member : object) {
    const std::optional<std::size_t> place = place_of(entity, member.key, expected);
    if (place) {
      if (seen[*place]) {
        return reason(fmt::format("{} appears twice", member.key));
      }
      seen[*place] = true;
      found[*place] = member.value;
      expected = *place + 1;
    } else if (member.key == kDeletion && !has_deletion) {
      has_deletion = true;
      const Result<bool> flag = read_flag(member.value);
      if (!flag) {
        return reason(fmt::format("{}: {}", kDeletion, flag.error().message));
      }
      is_deletion = *flag;
    } else if (member.key == kDeletion) {
      return reason(fmt::format("{} appears twice", kDeletion));
    } else {
      return unknown_field(entity, member.key);
    }
  }
  return {};
}

Result<void> read_fields(const Entity& entity, const Seen& seen, const FoundFields& found,
                         Record& record) {
  for (std::size_t i = 0; i < entity.fields.size(); ++i) {
    const Field& field = entity.fields[i];
    record.values[i] = std::monostate{};
    if (record.is_deletion && !field.is_key) {
      continue;
    }
    if (!seen[i] && !field.is_optional) {
      return reason(fmt::format("{} is missing", field.name));
    }
    if (!seen[i] || (field.is_optional && found[i].is_null())) {
      continue;
    }
    const Result<void> taken = read_field(field, i, found[i], record);
    if (!taken) {
      const std::string& message = taken.error().message;
      const bool has_place = message.starts_with('[') || message.starts_with(':');
      return reason(fmt::format("{}{}{}", field.name, has_place ? "" : ": ", message));
    }
  }
  return {};
}

}  // namespace

struct RecordReader::Parser {
  simdjson::dom::parser dom;
};

RecordReader::RecordReader(const Entity& entity)
    : entity_(entity), parser_(std::make_unique<Parser>()) {}

RecordReader::~RecordReader() = default;

Result<void> RecordReader::read(std::string_view line, Record& record) {
  if (line.starts_with(kByteOrderMark)) {
    return reason("begins with a byte order mark; save the file as UTF-8 without one");
  }
  simdjson::dom::parser& dom = parser_->dom;
  constexpr std::size_t kDepthMax = kNestingMax + 1;  // simdjson stops when it reaches this
  if (dom.capacity() < line.size() || dom.max_depth() != kDepthMax) {
    constexpr std::size_t kCapacityMin = 16 * 1024;
    const auto code = dom.allocate(std::max(line.size(), kCapacityMin), kDepthMax);
    MATRICULA_ASSERT(code == simdjson::SUCCESS);
  }
  JsonElement root;
  // Copying is left out: the caller promises the padding.
  if (const auto code = dom.parse(line.data(), line.size(), false).get(root);
      code != simdjson::SUCCESS) {
    return json_reason(code);
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return unexpected_value("an object", root);
  }
  Seen seen;
  FoundFields found;
  record.is_deletion = false;
  MATRICULA_CHECK(find_fields(entity_, object, seen, found, record.is_deletion));
  return read_fields(entity_, seen, found, record);
}

}  // namespace matricula::exchange
