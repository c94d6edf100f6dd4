#include "exchange/record_writer.h"

#include <variant>

#include "base/assert.h"
#include "json/writer.h"

namespace matricula::exchange {
namespace {

using records::Field;
using records::FieldType;
using storage::Bind;

void append_value(std::string& out, const Field& field, const Bind& value) {
  switch (field.type) {
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
      json::append_string(out, std::get<std::string_view>(value));
      return;
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      out += std::get<std::string_view>(value);
      return;
    case FieldType::kUuid:
      json::append_uuid(out, std::get<storage::Bytes>(value));
      return;
    case FieldType::kInteger:
      json::append_integer(out, std::get<std::int64_t>(value));
      return;
    case FieldType::kReal:
      json::append_float(out, std::get<double>(value));
      return;
    case FieldType::kFlag:
      json::append_boolean(out, std::get<std::int64_t>(value) != 0);
      return;
    case FieldType::kTime:
      json::append_time(out, std::get<std::int64_t>(value));
      return;
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
