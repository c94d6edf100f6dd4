#include "exchange/json_values.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/join.h"
#include "base/text.h"
#include "base/time_text.h"
#include "exchange/limits.h"
#include "records/limits.h"
#include "records/user_table.h"

namespace matricula::exchange {
namespace {

using records::Field;
using records::FieldType;
using simdjson::dom::element_type;

constexpr std::size_t kExcerptBytesMax = 60;
constexpr std::int64_t kIntegerMax = std::numeric_limits<std::int32_t>::max();

std::string excerpt(std::string_view text) {
  std::string out;
  if (text.size() <= kExcerptBytesMax) {
    append_json_string(out, text);
    return out;
  }
  std::size_t length = kExcerptBytesMax;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    --length;  // not inside a character
  }
  append_json_string(out, text.substr(0, length));
  return out + "...";
}

// Pages make links of these: a scheme such as `javascript` must not come through.
bool is_address(std::string_view text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
  });
  const std::size_t colon = text.find_first_of(":/?#");
  if (!is_plain || colon == std::string_view::npos || text[colon] != ':') {
    return is_plain;
  }
  std::string scheme(text.substr(0, colon));
  std::ranges::transform(scheme, scheme.begin(), ascii_lower);
  return scheme == "http" || scheme == "https";
}

Result<double> read_real(const JsonElement& value, double max) {
  double number = 0;
  if (!value.is_number() || value.get(number) != simdjson::SUCCESS || !(number >= 0) ||
      number > max) {
    return unexpected_value(real_number_text(max), value);
  }
  return number + 0.0;  // minus zero would be written differently
}

Result<std::string_view> read_checked(const JsonElement& value, bool (*is_good)(std::string_view),
                                      std::string_view what) {
  if (!value.is_string()) {
    return unexpected_value(what, value);
  }
  MATRICULA_TRY(const std::string_view text, read_text(value));
  if (!is_good(text)) {
    return unexpected_value(what, value);
  }
  return text;
}

Result<std::string_view> read_identifier(Result<std::string_view> text, const JsonElement& value,
                                         Identifiers taken) {
  if (!text || taken == Identifiers::kAny) {
    return text;
  }
  const bool has_blanks = has_blank_ends(*text);
  if (has_blanks || has_control_characters(*text)) {
    return fail(
        ErrorCode::kBadUserInput,
        fmt::format("expected text without {}, found {}: remove them",
                    has_blanks ? "blanks at its ends" : "control characters", describe(value)));
  }
  return text;
}

// A text that an index holds.
Result<std::string_view> read_short(Result<std::string_view> text, std::size_t bytes_max) {
  if (text && text->size() > bytes_max) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("expected at most {} bytes, found {}", bytes_max, text->size()));
  }
  return text;
}

Result<Timestamp> read_time(const JsonElement& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    if (const std::optional<Timestamp> time = parse_time(text)) {
      return *time;
    }
  }
  return unexpected_value("a time such as 2026-01-31T08:00:00Z", value);
}

}  // namespace

std::string whole_number_text() {
  return fmt::format("a whole number from 0 to {}", kIntegerMax);
}

std::string real_number_text(double max) {
  return fmt::format("a number from 0 to {:.0f}", max);
}

std::string describe(const JsonElement& found) {
  switch (found.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return excerpt(found.get_string().value_unsafe());
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
    case element_type::BOOL:
    case element_type::NULL_VALUE:
      break;
  }
  return simdjson::minify(found);
}

tl::unexpected<Error> unexpected_value(std::string_view what, const JsonElement& found) {
  return fail(ErrorCode::kBadUserInput,
              fmt::format("expected {}, found {}", what, describe(found)));
}

Result<std::string_view> read_text(const JsonElement& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return unexpected_value("text", value);
  }
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kBadUserInput, "contains the character NUL, which cannot be kept");
  }
  return text;
}

Result<std::string_view> read_key(const JsonElement& value, Identifiers taken) {
  return read_identifier(read_short(read_text(value), records::kKeyBytesMax), value, taken);
}

Result<std::string_view> read_id(const JsonElement& value, Identifiers taken) {
  MATRICULA_TRY(const std::string_view text, read_key(value, taken));
  if (text.empty()) {
    return unexpected_value("text that is not empty", value);
  }
  return text;
}

Result<std::string_view> read_enum(const JsonElement& value,
                                   std::span<const std::string_view> values) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    const auto found = std::find(values.begin(), values.end(), text);
    if (found != values.end()) {
      return *found;
    }
  }
  return unexpected_value(fmt::format("one of {}", joined(values)), value);
}

// Whole in value, whatever its form: many writers have no integers and write 3.0.
Result<std::int64_t> read_integer(const JsonElement& value) {
  double number = 0;
  if (!value.is_number() || value.get(number) != simdjson::SUCCESS || !(number >= 0) ||
      number > static_cast<double>(kIntegerMax) || number != std::floor(number)) {
    return unexpected_value(whole_number_text(), value);
  }
  return static_cast<std::int64_t>(number);
}

Result<bool> read_flag(const JsonElement& value) {
  bool flag = false;
  if (value.get(flag) != simdjson::SUCCESS) {
    return unexpected_value("true or false", value);
  }
  return flag;
}

Result<void> append_text_list(std::string& out, const JsonElement& value) {
  simdjson::dom::array items;
  if (value.get(items) != simdjson::SUCCESS) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format(": expected an array of texts, found {}", describe(value)));
  }
  out += '[';
  std::size_t count = 0;
  for (const JsonElement item : items) {
    const Result<std::string_view> text = read_text(item);
    if (!text) {
      return fail(ErrorCode::kBadUserInput, fmt::format("[{}]: {}", count, text.error().message));
    }
    out += count == 0 ? "" : ",";
    append_json_string(out, *text);
    ++count;
  }
  out += ']';
  return {};
}

namespace {

Result<std::string_view> read_email(const JsonElement& value) {
  return read_short(read_checked(value, records::is_email_address, "an e-mail address"),
                    records::kEmailBytesMax);
}

Result<storage::Bytes> read_uuid_text(const JsonElement& value, UuidBytes& bytes) {
  std::string_view text;
  const auto uuid = value.get(text) == simdjson::SUCCESS ? read_uuid(text) : std::nullopt;
  if (!uuid) {
    return unexpected_value("a UUID", value);
  }
  bytes = *uuid;
  return storage::Bytes(bytes);
}

// The canonical JSON of a list or object, for a column of text.
Result<std::string_view> read_json(FieldType type, const JsonElement& value, std::string& text,
                                   Identifiers taken) {
  text.clear();
  MATRICULA_CHECK(type == FieldType::kTextList ? append_text_list(text, value)
                  : type == FieldType::kSteps  ? append_steps(text, value, taken)
                                               : append_translations(text, value, taken));
  return std::string_view(text);
}

// Puts what was read into its place, unless it was refused.
template <typename T>
Result<void> put(storage::Bind& bind, Result<T> value) {
  if (!value) {
    return tl::unexpected(std::move(value).error());
  }
  bind = *value;
  return {};
}

}  // namespace

Result<void> read_field(const Field& field, std::size_t index, const JsonElement& value,
                        Record& record, Identifiers taken) {
  storage::Bind& bind = record.values[index];
  const Identifiers ids = records::brings_identifiers(field) ? taken : Identifiers::kAny;
  switch (field.type) {
    case FieldType::kText:
      return put(bind, read_identifier(read_short(read_text(value), field.bytes_max), value, ids));
    case FieldType::kId:
      return put(bind, read_id(value, ids));
    case FieldType::kUuid:
      return put(bind, read_uuid_text(value, record.uuids[index]));
    case FieldType::kEmail:
      return put(bind, read_identifier(read_email(value), value, taken));
    case FieldType::kUrl:
      return put(bind, read_checked(value, is_address, "an http or https address"));
    case FieldType::kInteger:
      return put(bind, read_integer(value));
    case FieldType::kReal:
      return put(bind, read_real(value, field.real_max));
    case FieldType::kFlag: {
      MATRICULA_TRY(const bool flag, read_flag(value));
      bind = std::int64_t{flag ? 1 : 0};
      return {};
    }
    case FieldType::kTime:
      return put(bind, read_time(value));
    case FieldType::kDuration:
      return put(bind, read_checked(value, is_iso8601_duration,
                                    "an ISO 8601 duration such as P30D or PT2H30M"));
    case FieldType::kEnum:
      return put(bind, read_enum(value, field.values));
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      return put(bind, read_json(field.type, value, record.texts[index], taken));
  }
  return {};
}

}  // namespace matricula::exchange
