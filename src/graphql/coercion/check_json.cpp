#include <cmath>
#include <fmt/format.h>

#include "graphql/coercion/coerce.h"
#include "graphql/coercion/json_text.h"
#include "graphql/coercion/scalar_text.h"
#include "graphql/coercion/suggestions.h"

namespace matricula::graphql {

namespace {

class Checker {
 public:
  explicit Checker(const JsonCheck& check) : check_(check) {}

  void value(const json::Value* value, const Type& type) {
    if (value == nullptr || value->is_null()) {
      if (type.is_non_null()) {
        const std::string name = type_text(type);
        report(value == nullptr
                   ? fmt::format(R"(Expected a value of non-null type "{}" to be provided.)", name)
                   : fmt::format(R"(Expected value of non-null type "{}" not to be null.)", name));
      }
      return;
    }
    const Type& nullable = type.nullable();
    if (nullable.is_list()) {
      list(*value, *nullable.inner);
      return;
    }
    const NamedType& named = *nullable.named;
    switch (named.kind) {
      case TypeKind::kInputObject:
        object(*value, named);
        return;
      case TypeKind::kEnum:
        enumeration(*value, named);
        return;
      case TypeKind::kScalar:
      case TypeKind::kObject:
      case TypeKind::kInterface:
      case TypeKind::kUnion:
        if (!coerce_json(*value, *named.type)) {
          scalar(*value, named);
        }
        return;
    }
  }

 private:
  void report(std::string message) {
    is_stopped_ = is_stopped_ || !check_.report(std::move(message), path_);
  }

  void list(const json::Value& list, const Type& item_type) {
    const auto* const items = std::get_if<json::Value::Array>(&list.data);
    if (items == nullptr) {
      value(&list, item_type);
      return;
    }
    for (std::size_t i = 0; i < items->size() && !is_stopped_; ++i) {
      path_.push_back({.index = i});
      value(&(*items)[i], item_type);
      path_.pop_back();
    }
  }

  void object(const json::Value& object, const NamedType& type) {
    if (object.object() == nullptr) {
      report(fmt::format(R"(Expected value of type "{}" to be an object, found: {}.)", type.name,
                         inspect(object)));
      return;
    }
    for (const InputValue& field : type.input_fields) {
      if (is_stopped_) {
        return;
      }
      const json::Value* const written = object.member(field.name);
      if (written != nullptr) {
        path_.push_back({.name = field.name});
        value(written, *field.type);
        path_.pop_back();
      } else if (field.is_required()) {
        report(
            fmt::format(R"(Expected value of type "{}" to include required field "{}", found: {}.)",
                        type.name, field.name, inspect(object)));
      }
    }
    known_fields(object, type);
  }

  void known_fields(const json::Value& object, const NamedType& type) {
    std::vector<const json::Value::Member*> known;
    for (const auto* const member : ordered_members(*object.object())) {
      if (type.input_field(member->name) != nullptr) {
        known.push_back(member);
        continue;
      }
      if (is_stopped_) {
        return;
      }
      const std::string suggestion =
          check_.suggestions
              ? did_you_mean(suggestion_list(member->name, names_of(type.input_fields)))
              : std::string();
      report(fmt::format(R"(Expected value of type "{}" not to include unknown field "{}"{}: {}.)",
                         type.name, member->name,
                         suggestion.empty() ? ", found" : "." + suggestion + " Found",
                         inspect(object)));
    }
    if (!type.is_one_of) {
      return;
    }
    if (known.size() != 1) {
      report(one_of_message(type));
    }
    if (!known.empty() && known.front()->value.is_null()) {
      path_.push_back({.name = known.front()->name});
      report(one_of_message(type));
      path_.pop_back();
    }
  }

  void enumeration(const json::Value& value, const NamedType& type) {
    const auto* const name = std::get_if<std::string>(&value.data);
    if (name != nullptr && type.enum_value(*name) != nullptr) {
      return;
    }
    const std::string shown = name != nullptr ? *name : inspect(value);
    const std::string suggestion =
        check_.suggestions
            ? did_you_mean(suggestion_list(shown, names_of(type.enum_values)), "the enum value")
            : std::string();
    report(name != nullptr ? fmt::format(R"(Value "{}" does not exist in "{}" enum.{})", shown,
                                         type.name, suggestion)
                           : fmt::format(R"(Enum "{}" cannot represent non-string value: {}.{})",
                                         type.name, shown, suggestion));
  }

  // Precondition: the value is none of the scalar's.
  void scalar(const json::Value& value, const NamedType& type) {
    const auto* const number = std::get_if<json::Value::Number>(&value.data);
    const std::string shown = inspect(value);
    switch (type.scalar) {
      case ScalarKind::kInt:
        report(number != nullptr && is_integer(number_of(*number))
                   ? "Int cannot represent non 32-bit signed integer value: " + shown
                   : "Int cannot represent non-integer value: " + shown);
        return;
      case ScalarKind::kFloat:
        report("Float cannot represent non numeric value: " + shown);
        return;
      case ScalarKind::kString:
        report("String cannot represent a non string value: " + shown);
        return;
      case ScalarKind::kBoolean:
        report("Boolean cannot represent a non boolean value: " + shown);
        return;
      case ScalarKind::kId:
        report("ID cannot represent value: " + shown);
        return;
      case ScalarKind::kTime:
      case ScalarKind::kDuration:
      case ScalarKind::kOther:
        break;
    }
    const auto* const text = std::get_if<std::string>(&value.data);
    report(custom_scalar_error(type,
                               text != nullptr ? custom_scalar_complaint(type, *text)
                                               : custom_scalar_needs_text(type, true),
                               shown));
  }

  const JsonCheck& check_;
  Path path_;
  bool is_stopped_ = false;
};

}  // namespace

void check_json(const JsonCheck& check, const json::Value* value, const Type& type) {
  Checker(check).value(value, type);
}

}  // namespace matricula::graphql
