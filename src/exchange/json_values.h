#pragma once

#include <cstdint>
#include <simdjson.h>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/record.h"
#include "records/entities.h"

namespace matricula::exchange {

using JsonElement = simdjson::dom::element;

// The bounds of whole numbers for messages: "a number from 0 to 100".
std::string whole_number_text();
std::string real_number_text(double max);
// A value for a message: a text in quotes (cut when long), a number as it is, "null", "an array".
std::string describe(const JsonElement& found);
// An error "expected WHAT, found ...".
tl::unexpected<Error> unexpected_value(std::string_view what, const JsonElement& found);

// Which identifiers are taken.
enum class Identifiers : std::uint8_t {
  kClean,  // without blanks at their ends and without control characters
  kAny,    // of records that exist: older versions took any
};

// The text of a JSON string; refused where it contains NUL, which stores cannot keep.
Result<std::string_view> read_text(const JsonElement& value);
// A key: text of at most records::kKeyBytesMax bytes; an id is not empty either.
Result<std::string_view> read_key(const JsonElement& value, Identifiers taken);
Result<std::string_view> read_id(const JsonElement& value, Identifiers taken);
Result<std::string_view> read_enum(const JsonElement& value,
                                   std::span<const std::string_view> values);
Result<std::int64_t> read_integer(const JsonElement& value);
Result<bool> read_flag(const JsonElement& value);

// Puts the value of entity field number `index` into the record, in the form of its column. The
// error is the reason without the field's name. Precondition: the value is not null.
Result<void> read_field(const records::Field& field, std::size_t index, const JsonElement& value,
                        Record& record, Identifiers taken);

// Appends arrays as canonical JSON: every member in the schema's order, null where absent. Errors
// begin with the place: `[2].stepId: expected ...`.
Result<void> append_text_list(std::string& out, const JsonElement& value);
Result<void> append_steps(std::string& out, const JsonElement& value, Identifiers taken);
Result<void> append_translations(std::string& out, const JsonElement& value, Identifiers taken);

}  // namespace matricula::exchange
