#include <algorithm>
#include <charconv>

#include "base/time_text.h"
#include "graphql/coercion/coerce.h"
#include "graphql/coercion/json_text.h"
#include "graphql/coercion/scalar_text.h"

namespace matricula::graphql {

namespace {

const Input* find_variable(const Value& variable, const Variables* variables) {
  if (variables == nullptr) {
    return nullptr;
  }
  const auto found = variables->find(variable.text);
  return found == variables->end() ? nullptr : &found->second;
}

std::optional<Input> coerce_int(std::string_view text) {
  std::int32_t number = 0;
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()
             ? std::optional(Input{number})
             : std::nullopt;
}

std::optional<Input> coerce_text(std::string_view text, const NamedType& type) {
  if (type.scalar == ScalarKind::kTime) {
    const auto time = parse_time(text);
    return time ? std::optional(Input{Input::Time{*time}}) : std::nullopt;
  }
  return custom_scalar_complaint(type, text).empty() ? std::optional(Input{std::string(text)})
                                                     : std::nullopt;
}

// A scalar that has the literal's kind: the table below lists what each takes.
std::optional<Input> coerce_scalar(const Value& value, const NamedType& type) {
  const bool is_int = value.kind == ValueKind::kInt;
  const bool is_number = is_int || value.kind == ValueKind::kFloat;
  const bool is_string = value.kind == ValueKind::kString;
  const bool is_boolean = value.kind == ValueKind::kBoolean;
  const auto number = [&] { return number_of({.text = std::string(value.text)}); };
  switch (type.scalar) {
    case ScalarKind::kInt:
      return is_int ? coerce_int(value.text) : std::nullopt;
    case ScalarKind::kFloat:
      return is_number ? std::optional(Input{number()}) : std::nullopt;
    case ScalarKind::kString:
      return is_string ? std::optional(Input{std::string(value.text)}) : std::nullopt;
    case ScalarKind::kBoolean:
      return is_boolean ? std::optional(Input{value.text == "true"}) : std::nullopt;
    case ScalarKind::kId:
      return is_string || is_int ? std::optional(Input{std::string(value.text)}) : std::nullopt;
    case ScalarKind::kTime:
    case ScalarKind::kDuration:
      return is_string ? coerce_text(value.text, type) : std::nullopt;
    case ScalarKind::kOther:
      break;
  }
  if (is_number) {
    auto whole = is_int ? coerce_int(value.text) : std::nullopt;
    return whole ? whole : std::optional(Input{number()});
  }
  if (is_boolean) {
    return Input{value.text == "true"};
  }
  const bool is_text = is_string || value.kind == ValueKind::kEnum;
  return is_text ? std::optional(Input{std::string(value.text)}) : std::nullopt;
}

std::optional<Input> coerce_list(const Value& value, const Type& item_type,
                                 const Variables* variables) {
  Input::List list;
  if (value.kind != ValueKind::kList) {
    auto item = coerce_literal(value, item_type, variables);
    if (!item) {
      return std::nullopt;
    }
    list.push_back(std::move(*item));
    return Input{std::move(list)};
  }
  list.reserve(value.items.size());
  for (const Value& written : value.items) {
    auto item = coerce_literal(written, item_type, variables);
    // A variable without a value is null among items.
    if (!item && written.kind == ValueKind::kVariable && !item_type.is_non_null()) {
      item = Input{Input::Null{}};
    }
    if (!item) {
      return std::nullopt;
    }
    list.push_back(std::move(*item));
  }
  return Input{std::move(list)};
}

std::optional<Input> coerce_object(const Value& value, const NamedType& type,
                                   const Variables* variables) {
  const bool has_unknown = std::any_of(
      value.fields.begin(), value.fields.end(),
      [&](const ObjectField& field) { return type.input_field(field.name.value) == nullptr; });
  if (value.kind != ValueKind::kObject || has_unknown) {
    return std::nullopt;
  }
  Input::Object fields;
  for (const InputValue& field : type.input_fields) {
    const auto written =
        std::find_if(value.fields.begin(), value.fields.end(),
                     [&](const ObjectField& known) { return known.name.value == field.name; });
    const bool is_missing =
        written == value.fields.end() || (written->value.kind == ValueKind::kVariable &&
                                          find_variable(written->value, variables) == nullptr);
    if (is_missing && field.is_required()) {
      return std::nullopt;
    }
    auto coerced =
        is_missing ? coerce_default(field) : coerce_literal(written->value, *field.type, variables);
    if (coerced) {
      fields.emplace_back(field.name, std::move(*coerced));
    } else if (!is_missing) {
      return std::nullopt;
    }
  }
  if (type.is_one_of &&
      (value.fields.size() != 1 || fields.size() != 1 || fields.front().value.is_null())) {
    return std::nullopt;
  }
  return Input{std::move(fields)};
}

}  // namespace

std::optional<Input> coerce_default(const InputValue& definition) {
  return definition.default_value == nullptr
             ? std::nullopt
             : coerce_literal(*definition.default_value, *definition.type, nullptr);
}

std::optional<Input> coerce_literal(const Value& value, const Type& type,
                                    const Variables* variables) {
  if (value.kind == ValueKind::kVariable) {
    const Input* const held = find_variable(value, variables);
    return held == nullptr || (held->is_null() && type.is_non_null()) ? std::nullopt
                                                                      : std::optional(*held);
  }
  if (value.kind == ValueKind::kNull) {
    return type.is_non_null() ? std::nullopt : std::optional(Input{Input::Null{}});
  }
  const Type& nullable = type.nullable();
  if (nullable.is_list()) {
    return coerce_list(value, *nullable.inner, variables);
  }
  const NamedType& named = *nullable.named;
  if (named.kind == TypeKind::kInputObject) {
    return coerce_object(value, named, variables);
  }
  if (named.kind == TypeKind::kEnum) {
    return value.kind == ValueKind::kEnum && named.enum_value(value.text) != nullptr
               ? std::optional(Input{Input::EnumName{std::string(value.text)}})
               : std::nullopt;
  }
  return coerce_scalar(value, named);
}

}  // namespace matricula::graphql
