#include "base/assert.h"
#include "storage/database.h"

namespace matricula::storage {
namespace {

Bind value_of(const Rows& rows, unsigned column, ValueType type) {
  if (rows.is_null(column)) {
    return std::monostate{};
  }
  switch (type) {
    case ValueType::kInteger:
      return rows.integer(column);
    case ValueType::kReal:
      return rows.real(column);
    case ValueType::kText:
      return rows.text(column);
    case ValueType::kBytes:
      break;
  }
  return rows.bytes(column);
}

}  // namespace

void Rows::read(std::span<const ValueType> types, std::span<Bind> values) const {
  MATRICULA_ASSERT(values.size() >= types.size());
  for (unsigned i = 0; i < types.size(); ++i) {
    values[i] = value_of(*this, i, types[i]);
  }
}

}  // namespace matricula::storage
