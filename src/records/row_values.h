#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// The text of a value that is one.
inline std::string_view text_of(const storage::Bind& value) {
  return std::get<std::string_view>(value);
}

// A text, or bytes as a text; empty for any other value.
inline std::string_view raw_text(const storage::Bind& value) {
  if (const auto* const bytes = std::get_if<storage::Bytes>(&value)) {
    return storage::as_text(*bytes);
  }
  const auto* const text = std::get_if<std::string_view>(&value);
  return text == nullptr ? std::string_view() : *text;
}

// How a column that holds a field of this type is read.
storage::ValueType value_type(FieldType type);

// The types of all fields of an entity, in their order.
std::span<const storage::ValueType> value_types(const Entity& entity);

}  // namespace matricula::records
