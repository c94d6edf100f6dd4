#include "records/row_values.h"

#include <vector>

namespace matricula::records {
namespace {

using storage::ValueType;

std::vector<std::vector<ValueType>> types_of_all() {
  std::vector<std::vector<ValueType>> all;
  for (const Entity& entity : entities()) {
    std::vector<ValueType>& types = all.emplace_back();
    for (const Field& field : entity.fields) {
      types.push_back(value_type(field.type));
    }
  }
  return all;
}

}  // namespace

ValueType value_type(FieldType type) {
  switch (type) {
    case FieldType::kUuid:
      return ValueType::kBytes;
    case FieldType::kInteger:
    case FieldType::kFlag:
    case FieldType::kTime:
      return ValueType::kInteger;
    case FieldType::kReal:
      return ValueType::kReal;
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      break;
  }
  return ValueType::kText;
}

std::span<const ValueType> value_types(const Entity& entity) {
  static const std::vector<std::vector<ValueType>> kAll = types_of_all();
  return kAll[static_cast<std::size_t>(entity.id)];
}

}  // namespace matricula::records
