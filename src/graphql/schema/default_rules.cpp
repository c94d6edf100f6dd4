#include "graphql/schema/default_rules.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <map>

#include "base/time_text.h"

namespace matricula::graphql {

namespace {

bool fits_scalar(const Value& value, ScalarKind scalar) {
  const bool is_number = value.kind == ValueKind::kInt || value.kind == ValueKind::kFloat;
  switch (scalar) {
    case ScalarKind::kInt: {
      std::int32_t number = 0;
      const char* const end = value.text.data() + value.text.size();
      return value.kind == ValueKind::kInt &&
             std::from_chars(value.text.data(), end, number).ec == std::errc();
    }
    case ScalarKind::kFloat:
      return is_number;
    case ScalarKind::kString:
      return value.kind == ValueKind::kString;
    case ScalarKind::kBoolean:
      return value.kind == ValueKind::kBoolean;
    case ScalarKind::kId:
      return value.kind == ValueKind::kString || value.kind == ValueKind::kInt;
    case ScalarKind::kTime:
      return value.kind == ValueKind::kString && parse_time(value.text).has_value();
    case ScalarKind::kDuration:
      return value.kind == ValueKind::kString && is_iso8601_duration(value.text);
    case ScalarKind::kOther:
      return true;
  }
  return false;
}

bool fits(const Value& value, const Type& type);

const ObjectField* given(const Value& object, std::string_view name) {
  const auto found = std::find_if(object.fields.begin(), object.fields.end(),
                                  [&](const ObjectField& f) { return f.name.value == name; });
  return found == object.fields.end() ? nullptr : &*found;
}

bool fits_object(const Value& value, const NamedType& type) {
  if (value.kind != ValueKind::kObject) {
    return false;
  }
  const bool all_known =
      std::all_of(value.fields.begin(), value.fields.end(), [&](const ObjectField& field) {
        const InputValue* const known = type.input_field(field.name.value);
        return known != nullptr && given(value, field.name.value) == &field &&
               fits(field.value, *known->type);
      });
  const bool all_there =
      std::all_of(type.input_fields.begin(), type.input_fields.end(),
                  [&](const InputValue& f) { return !f.is_required() || given(value, f.name); });
  const bool is_one = !type.is_one_of ||
                      (value.fields.size() == 1 && value.fields[0].value.kind != ValueKind::kNull);
  return all_known && all_there && is_one;
}

// Whether a constant may stand for a value of an input type.
bool fits(const Value& value, const Type& type) {
  if (value.kind == ValueKind::kNull) {
    return !type.is_non_null();
  }
  if (type.is_non_null()) {
    return fits(value, *type.inner);
  }
  if (type.is_list()) {
    // A single value stands for a list of one.
    return value.kind == ValueKind::kList
               ? std::all_of(value.items.begin(), value.items.end(),
                             [&](const Value& item) { return fits(item, *type.inner); })
               : fits(value, *type.inner);
  }
  switch (type.named->kind) {
    case TypeKind::kScalar:
      return fits_scalar(value, type.named->scalar);
    case TypeKind::kEnum:
      return value.kind == ValueKind::kEnum && type.named->enum_value(value.text) != nullptr;
    case TypeKind::kInputObject:
      return fits_object(value, *type.named);
    case TypeKind::kObject:
    case TypeKind::kInterface:
    case TypeKind::kUnion:
      break;
  }
  return false;
}

class DefaultChecker {
 public:
  explicit DefaultChecker(const Schema& schema) : schema_(schema) {}

  std::vector<std::string> run() {
    for (const DirectiveType& directive : schema_.directives()) {
      check_arguments("@" + std::string(directive.name), directive.arguments);
    }
    for (const NamedType* const type : schema_.types()) {
      for (const Field& field : type->fields) {
        check_arguments(fmt::format("{}.{}", type->name, field.name), field.arguments);
      }
      for (const InputValue& field : type->input_fields) {
        check(fmt::format("{}.{}", type->name, field.name), field);
      }
    }
    if (problems_.empty()) {
      check_endless_inputs();
      check_endless_defaults();
    }
    return std::move(problems_);
  }

 private:
  void check_arguments(const std::string& owner, const std::vector<InputValue>& arguments) {
    for (const InputValue& argument : arguments) {
      check(fmt::format("{}({}:)", owner, argument.name), argument);
    }
  }

  void check(const std::string& coordinate, const InputValue& input) {
    if (input.default_value != nullptr && !fits(*input.default_value, *input.type)) {
      problems_.push_back(fmt::format("{} has invalid default value.", coordinate));
    }
  }

  // An input object has a finite value once its required objects have one, or, of a oneOf, one of
  // its fields has. What is left when no more are found has none.
  void check_endless_inputs() {
    std::map<const NamedType*, bool> finite;
    for (bool grew = true; grew;) {
      grew = false;
      for (const NamedType* const type : schema_.types()) {
        if (type->kind == TypeKind::kInputObject && !finite[type] && is_finite(*type, finite)) {
          finite[type] = grew = true;
        }
      }
    }
    for (const NamedType* const type : schema_.types()) {
      if (type->kind == TypeKind::kInputObject && !finite[type]) {
        problems_.push_back(
            fmt::format("Input Object {} cannot be provided a finite value because "
                        "it references itself.",
                        type->name));
      }
    }
  }

  static bool is_finite(const NamedType& type, std::map<const NamedType*, bool>& finite) {
    const auto field_is_finite = [&](const InputValue& field) {
      const Type& nullable = field.type->nullable();
      const bool must_hold_object = (type.is_one_of || field.type->is_non_null()) &&
                                    nullable.named != nullptr &&
                                    nullable.named->kind == TypeKind::kInputObject;
      return !must_hold_object || finite[nullable.named];
    };
    const auto& fields = type.input_fields;
    return type.is_one_of ? std::any_of(fields.begin(), fields.end(), field_is_finite)
                          : std::all_of(fields.begin(), fields.end(), field_is_finite);
  }

  void check_endless_defaults() {
    for (const NamedType* const type : schema_.types()) {
      if (type->kind == TypeKind::kInputObject) {
        follow_absent(*type, nullptr);
      }
    }
  }

  // Follows the defaults that come into force when `object` (or nothing) is given for the type.
  void follow_absent(const NamedType& type, const Value* object) {
    for (const InputValue& field : type.input_fields) {
      const NamedType& inner = field.type->innermost();
      if (inner.kind != TypeKind::kInputObject) {
        continue;
      }
      const ObjectField* const own = object == nullptr ? nullptr : given(*object, field.name);
      if (own != nullptr) {
        follow_value(inner, own->value);
      } else if (field.default_value != nullptr) {
        follow_default(fmt::format("{}.{}", type.name, field.name), field, inner);
      }
    }
  }

  void follow_value(const NamedType& type, const Value& value) {
    for (const Value& item : value.items) {
      follow_value(type, item);
    }
    if (value.kind == ValueKind::kObject) {
      follow_absent(type, &value);
    }
  }

  void follow_default(const std::string& coordinate, const InputValue& field,
                      const NamedType& inner) {
    const auto [state, is_new] = visited_.emplace(&field, true);
    if (!is_new) {
      if (state->second) {
        problems_.push_back(
            fmt::format("Invalid circular reference. The default value of Input "
                        "Object field {} references itself.",
                        coordinate));
      }
      return;
    }
    follow_value(inner, *field.default_value);
    state->second = false;
  }

  const Schema& schema_;
  std::map<const InputValue*, bool> visited_;  // true while its default is being followed
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check_defaults(const Schema& schema) {
  return DefaultChecker(schema).run();
}

}  // namespace matricula::graphql
