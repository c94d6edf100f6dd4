#include "graphql/coercion/check_literal.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "graphql/coercion/literal_text.h"
#include "graphql/coercion/scalar_text.h"
#include "graphql/coercion/suggestions.h"

namespace matricula::graphql {

namespace {

class Checker {
 public:
  explicit Checker(const LiteralCheck& check) : check_(check) {}

  void value(const Value& value, const Type& type) {
    if (value.kind == ValueKind::kVariable) {
      variable(value, type);
      return;
    }
    if (value.kind == ValueKind::kNull) {
      if (type.is_non_null()) {
        report(
            fmt::format(R"(Expected value of non-null type "{}" not to be null.)", type_text(type)),
            value.offset);
      }
      return;
    }
    const Type& nullable = type.nullable();
    if (nullable.is_list()) {
      list(value, *nullable.inner);
      return;
    }
    const NamedType& named = *nullable.named;
    switch (named.kind) {
      case TypeKind::kInputObject:
        object(value, named);
        return;
      case TypeKind::kEnum:
        enumeration(value, named);
        return;
      case TypeKind::kScalar:
      case TypeKind::kObject:
      case TypeKind::kInterface:
      case TypeKind::kUnion:
        scalar(value, named);
        return;
    }
  }

 private:
  void report(std::string message, Offset offset) {
    is_stopped_ = is_stopped_ || !check_.report(std::move(message), offset, path_);
  }

  const Input* runtime_value(const Value& variable) const {
    const auto found = check_.variables->find(variable.text);
    return found == check_.variables->end() ? nullptr : &found->second;
  }

  void variable(const Value& variable, const Type& type) {
    if (check_.variables == nullptr || !type.is_non_null()) {
      return;
    }
    const Input* const value = runtime_value(variable);
    if (value == nullptr) {
      report(fmt::format(
                 R"(Expected variable "${}" provided to type "{}" to provide a runtime value.)",
                 variable.text, type_text(type)),
             variable.offset);
    } else if (value->is_null()) {
      report(
          fmt::format(R"(Expected variable "${}" provided to non-null type "{}" not to be null.)",
                      variable.text, type_text(type)),
          variable.offset);
    }
  }

  void list(const Value& list, const Type& item_type) {
    if (list.kind != ValueKind::kList) {
      value(list, item_type);
      return;
    }
    for (std::size_t i = 0; i < list.items.size() && !is_stopped_; ++i) {
      path_.push_back({.index = i});
      value(list.items[i], item_type);
      path_.pop_back();
    }
  }

  void object(const Value& object, const NamedType& type) {
    if (object.kind != ValueKind::kObject) {
      report(fmt::format(R"(Expected value of type "{}" to be an object, found: {}.)", type.name,
                         text(object)),
             object.offset);
      return;
    }
    for (const InputValue& field : type.input_fields) {
      if (is_stopped_) {
        return;
      }
      const auto found = std::find_if(
          object.fields.rbegin(), object.fields.rend(),
          [&](const ObjectField& written) { return written.name.value == field.name; });
      if (found != object.fields.rend()) {
        object_field(object, type, field, found->value);
      } else if (field.is_required()) {
        report(
            fmt::format(R"(Expected value of type "{}" to include required field "{}", found: {}.)",
                        type.name, field.name, text(object)),
            object.offset);
      }
    }
    known_fields(object, type);
  }

  void object_field(const Value& object, const NamedType& type, const InputValue& field,
                    const Value& written) {
    if (written.kind == ValueKind::kVariable && check_.variables != nullptr) {
      const Input* const held = runtime_value(written);
      if (type.is_one_of && (held == nullptr || held->is_null())) {
        report(fmt::format(R"(Expected variable "${}" provided to field "{}" for OneOf Input )"
                           R"(Object type "{}" {}.)",
                           written.text, field.name, type.name,
                           held == nullptr ? "to provide a runtime value" : "not to be null"),
               object.offset);
      } else if (!type.is_one_of && held == nullptr && !field.is_required()) {
        return;
      }
    }
    path_.push_back({.name = field.name});
    value(written, *field.type);
    path_.pop_back();
  }

  void known_fields(const Value& object, const NamedType& type) {
    std::vector<const ObjectField*> known;
    for (const ObjectField& field : object.fields) {
      if (type.input_field(field.name.value) != nullptr) {
        known.push_back(&field);
        continue;
      }
      if (is_stopped_) {
        return;
      }
      const std::string suggestion =
          check_.suggestions
              ? did_you_mean(suggestion_list(field.name.value, names_of(type.input_fields)))
              : std::string();
      report(
          fmt::format(R"(Expected value of type "{}" not to include unknown field "{}"{}: {}.)",
                      type.name, field.name.value,
                      suggestion.empty() ? ", found" : "." + suggestion + " Found", text(object)),
          field.name.offset);
    }
    if (!type.is_one_of) {
      return;
    }
    if (known.size() != 1) {
      report(one_of_message(type), object.offset);
    } else if (known.front()->value.kind == ValueKind::kNull) {
      path_.push_back({.name = known.front()->name.value});
      report(one_of_message(type), object.offset);
      path_.pop_back();
    }
  }

  void enumeration(const Value& value, const NamedType& type) {
    if (value.kind == ValueKind::kEnum && type.enum_value(value.text) != nullptr) {
      return;
    }
    const std::string shown = leaf_text(value);
    const std::string suggestion =
        check_.suggestions
            ? did_you_mean(suggestion_list(shown, names_of(type.enum_values)), "the enum value")
            : std::string();
    report(value.kind == ValueKind::kEnum
               ? fmt::format(R"(Value "{}" does not exist in "{}" enum.{})", shown, type.name,
                             suggestion)
               : fmt::format(R"(Enum "{}" cannot represent non-enum value: {}.{})", type.name,
                             shown, suggestion),
           value.offset);
  }

  void scalar(const Value& value, const NamedType& type) {
    const bool is_int = value.kind == ValueKind::kInt;
    const bool is_string = value.kind == ValueKind::kString;
    switch (type.scalar) {
      case ScalarKind::kInt:
        if (!is_int) {
          scalar_error("Int cannot represent non-integer value", value);
        } else if (std::int32_t number = 0;
                   std::from_chars(value.text.data(), value.text.data() + value.text.size(), number)
                       .ec != std::errc()) {
          scalar_error("Int cannot represent non 32-bit signed integer value", value);
        }
        return;
      case ScalarKind::kFloat:
        if (!is_int && value.kind != ValueKind::kFloat) {
          scalar_error("Float cannot represent non numeric value", value);
        }
        return;
      case ScalarKind::kString:
        if (!is_string) {
          scalar_error("String cannot represent a non string value", value);
        }
        return;
      case ScalarKind::kBoolean:
        if (value.kind != ValueKind::kBoolean) {
          scalar_error("Boolean cannot represent a non boolean value", value);
        }
        return;
      case ScalarKind::kId:
        if (!is_string && !is_int) {
          scalar_error("ID cannot represent a non-string and non-integer value", value);
        }
        return;
      case ScalarKind::kTime:
      case ScalarKind::kDuration:
      case ScalarKind::kOther:
        break;
    }
    const bool is_compound = value.kind == ValueKind::kList || value.kind == ValueKind::kObject;
    const std::string complaint = is_string ? custom_scalar_complaint(type, value.text)
                                            : custom_scalar_needs_text(type, is_compound);
    if (!complaint.empty()) {
      report(custom_scalar_error(type, complaint, text(value)), value.offset);
    }
  }

  void scalar_error(std::string_view what, const Value& value) {
    report(fmt::format("{}: {}", what, leaf_text(value)), value.offset);
  }

  static std::string text(const Value& value) {
    return literal_text(value, VariablesInText::kAsWritten);
  }
  static std::string leaf_text(const Value& value) {
    return literal_text(value, VariablesInText::kAsMissing);
  }

  const LiteralCheck& check_;
  Path path_;
  bool is_stopped_ = false;
};

}  // namespace

std::string path_text(const Path& path) {
  std::string text = path.empty() ? "" : " at ";
  for (const PathStep& step : path) {
    text += step.name.empty() ? fmt::format("[{}]", step.index) : fmt::format(".{}", step.name);
  }
  return text;
}

std::string one_of_message(const NamedType& type) {
  return fmt::format(R"(Within OneOf Input Object type "{}", exactly one field must be specified, )"
                     "and the value for that field must be non-null.",
                     type.name);
}

void check_literal(const LiteralCheck& check, const Value& value, const Type& type) {
  Checker(check).value(value, type);
}

}  // namespace matricula::graphql
