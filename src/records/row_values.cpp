#include "records/row_values.h"

namespace matricula::records {

storage::Bind read_value(const storage::Rows& rows, unsigned column, FieldType type) {
  if (rows.is_null(column)) {
    return std::monostate{};
  }
  switch (type) {
    case FieldType::kUuid:
      return rows.bytes(column);
    case FieldType::kInteger:
    case FieldType::kFlag:
    case FieldType::kTime:
      return rows.integer(column);
    case FieldType::kReal:
      return rows.real(column);
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
  return rows.text(column);
}

}  // namespace matricula::records
