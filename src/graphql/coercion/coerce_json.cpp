#include <algorithm>
#include <cmath>
#include <limits>

#include "base/time_text.h"
#include "graphql/coercion/coerce.h"
#include "graphql/coercion/json_text.h"
#include "graphql/coercion/scalar_text.h"

namespace matricula::graphql {

namespace {

std::optional<Input> coerce_number(const json::Value::Number& number, const NamedType& type) {
  const double value = number_of(number);
  const bool is_int = is_integer(value) && std::abs(value) <= 2'147'483'648.0 &&
                      value <= std::numeric_limits<std::int32_t>::max();
  switch (type.scalar) {
    case ScalarKind::kInt:
      return is_int ? std::optional(Input{static_cast<std::int32_t>(value)}) : std::nullopt;
    case ScalarKind::kFloat:
      return std::isfinite(value) ? std::optional(Input{value}) : std::nullopt;
    case ScalarKind::kId: {
      auto text = id_text(number);
      return text ? std::optional(Input{std::move(*text)}) : std::nullopt;
    }
    case ScalarKind::kOther:
      return is_int ? Input{static_cast<std::int32_t>(value)} : Input{value};
    case ScalarKind::kString:
    case ScalarKind::kBoolean:
    case ScalarKind::kTime:
    case ScalarKind::kDuration:
      break;
  }
  return std::nullopt;
}

std::optional<Input> coerce_text(const std::string& text, const NamedType& type) {
  switch (type.scalar) {
    case ScalarKind::kString:
    case ScalarKind::kId:
    case ScalarKind::kOther:
      return Input{text};
    case ScalarKind::kTime: {
      const auto time = parse_time(text);
      return time ? std::optional(Input{Input::Time{*time}}) : std::nullopt;
    }
    case ScalarKind::kDuration:
      return custom_scalar_complaint(type, text).empty() ? std::optional(Input{text})
                                                         : std::nullopt;
    case ScalarKind::kInt:
    case ScalarKind::kFloat:
    case ScalarKind::kBoolean:
      break;
  }
  return std::nullopt;
}

std::optional<Input> coerce_scalar(const json::Value& value, const NamedType& type) {
  if (const auto* const text = std::get_if<std::string>(&value.data)) {
    return coerce_text(*text, type);
  }
  if (const auto* const number = std::get_if<json::Value::Number>(&value.data)) {
    return coerce_number(*number, type);
  }
  const bool takes_boolean =
      type.scalar == ScalarKind::kBoolean || type.scalar == ScalarKind::kOther;
  if (const bool* const flag = std::get_if<bool>(&value.data); flag != nullptr && takes_boolean) {
    return Input{*flag};
  }
  return std::nullopt;
}

std::optional<Input> coerce_list(const json::Value& value, const Type& item_type) {
  Input::List list;
  const auto* const items = std::get_if<json::Value::Array>(&value.data);
  if (items == nullptr) {
    auto item = coerce_json(value, item_type);
    if (!item) {
      return std::nullopt;
    }
    list.push_back(std::move(*item));
    return Input{std::move(list)};
  }
  list.reserve(items->size());
  for (const json::Value& written : *items) {
    auto item = coerce_json(written, item_type);
    if (!item) {
      return std::nullopt;
    }
    list.push_back(std::move(*item));
  }
  return Input{std::move(list)};
}

std::optional<Input> coerce_object(const json::Value& value, const NamedType& type) {
  const auto* const object = value.object();
  if (object == nullptr || std::any_of(object->begin(), object->end(), [&](const auto& member) {
        return type.input_field(member.name) == nullptr;
      })) {
    return std::nullopt;
  }
  Input::Object fields;
  for (const InputValue& field : type.input_fields) {
    const json::Value* const written = value.member(field.name);
    if (written == nullptr && field.is_required()) {
      return std::nullopt;
    }
    auto coerced = written == nullptr ? coerce_default(field) : coerce_json(*written, *field.type);
    if (coerced) {
      fields.emplace_back(field.name, std::move(*coerced));
    } else if (written != nullptr) {
      return std::nullopt;
    }
  }
  if (type.is_one_of &&
      (object->size() != 1 || fields.size() != 1 || fields.front().value.is_null())) {
    return std::nullopt;
  }
  return Input{std::move(fields)};
}

}  // namespace

const Input* Input::field(std::string_view name) const {
  const auto* const fields = std::get_if<Object>(&value);
  if (fields == nullptr) {
    return nullptr;
  }
  const auto found = std::find_if(fields->begin(), fields->end(),
                                  [&](const auto& field) { return field.name == name; });
  return found == fields->end() ? nullptr : &found->value;
}

std::optional<Input> coerce_json(const json::Value& value, const Type& type) {
  if (value.is_null()) {
    return type.is_non_null() ? std::nullopt : std::optional(Input{Input::Null{}});
  }
  const Type& nullable = type.nullable();
  if (nullable.is_list()) {
    return coerce_list(value, *nullable.inner);
  }
  const NamedType& named = *nullable.named;
  if (named.kind == TypeKind::kInputObject) {
    return coerce_object(value, named);
  }
  if (named.kind == TypeKind::kEnum) {
    const auto* const name = std::get_if<std::string>(&value.data);
    return name != nullptr && named.enum_value(*name) != nullptr
               ? std::optional(Input{Input::EnumName{*name}})
               : std::nullopt;
  }
  return coerce_scalar(value, named);
}

}  // namespace matricula::graphql
