#include "exchange/record_writer.h"

#include <array>
#include <charconv>
#include <variant>

#include "base/assert.h"
#include "base/escape.h"
#include "base/time_text.h"
#include "records/uuid.h"

namespace matricula::exchange {
namespace {

using records::Field;
using records::FieldType;
using storage::Bind;

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  out.append(buffer.data(), end.ptr);
}

void append_value(std::string& out, const Field& field, const Bind& value) {
  switch (field.type) {
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
      append_json_string(out, std::get<std::string_view>(value));
      return;
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      out += std::get<std::string_view>(value);
      return;
    case FieldType::kUuid:
      out += '"';
      records::append_uuid(out, std::get<storage::Bytes>(value));
      out += '"';
      return;
    case FieldType::kInteger:
      append_number(out, std::get<std::int64_t>(value));
      return;
    case FieldType::kReal:
      append_number(out, std::get<double>(value));
      return;
    case FieldType::kFlag:
      out += std::get<std::int64_t>(value) != 0 ? "true" : "false";
      return;
    case FieldType::kTime: {
      std::array<char, kTimeTextMax> buffer;
      out += '"';
      out.append(buffer.data(), format_time(std::get<std::int64_t>(value), buffer.data()));
      out += '"';
      return;
    }
  }
}

}  // namespace

void append_record(std::string& out, const records::Entity& entity, std::span<const Bind> values) {
  MATRICULA_ASSERT(values.size() >= entity.fields.size());
  char before = '{';
  for (std::size_t i = 0; i < entity.fields.size(); ++i) {
    if (std::holds_alternative<std::monostate>(values[i])) {
      continue;
    }
    out += before;
    out += '"';
    out += entity.fields[i].name;
    out += "\":";
    append_value(out, entity.fields[i], values[i]);
    before = ',';
  }
  out += "}\n";
}

}  // namespace matricula::exchange
