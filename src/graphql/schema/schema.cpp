#include "graphql/schema/schema.h"

#include <algorithm>

#include "graphql/schema/schema_builder.h"
#include "graphql/schema/type_table.h"

namespace matricula::graphql {

namespace {

// Lists are short, and reading them in a row is faster than hashing.
template <typename T>
const T* find_named(const std::vector<T>& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const T& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string type_text(const Type& type) {
  switch (type.wrapper) {
    case Type::Wrapper::kNone:
      break;
    case Type::Wrapper::kList:
      return "[" + type_text(*type.inner) + "]";
    case Type::Wrapper::kNonNull:
      return type_text(*type.inner) + "!";
  }
  return std::string(type.named->name);
}

const InputValue* Field::argument(std::string_view argument_name) const {
  return find_named(arguments, argument_name);
}

const InputValue* DirectiveType::argument(std::string_view argument_name) const {
  return find_named(arguments, argument_name);
}

const Field* NamedType::field(std::string_view field_name) const {
  return find_named(fields, field_name);
}

const InputValue* NamedType::input_field(std::string_view field_name) const {
  return find_named(input_fields, field_name);
}

const EnumValue* NamedType::enum_value(std::string_view value_name) const {
  return find_named(enum_values, value_name);
}

Schema::Schema() : wrapped_types_(std::make_unique<TypeTable>()) {}
Schema::~Schema() = default;

Result<std::shared_ptr<const Schema>> Schema::from_sdl(std::string_view sdl) {
  return SchemaBuilder::build(sdl);
}

const NamedType* Schema::type(std::string_view name) const {
  const auto found = types_by_name_.find(name);
  return found == types_by_name_.end() ? nullptr : found->second.get();
}

const DirectiveType* Schema::directive(std::string_view name) const {
  return find_named(directives_, name);
}

const NamedType* Schema::root(OperationType operation) const {
  switch (operation) {
    case OperationType::kQuery:
      return query_;
    case OperationType::kMutation:
      return mutation_;
    case OperationType::kSubscription:
      return subscription_;
  }
  return nullptr;
}

const Field* Schema::field(const NamedType& parent, std::string_view name) const {
  if (name.starts_with("__")) {
    if (name == typename_field_.name && parent.is_composite()) {
      return &typename_field_;
    }
    if (&parent == query_ && name == schema_field_.name) {
      return &schema_field_;
    }
    if (&parent == query_ && name == type_field_.name) {
      return &type_field_;
    }
  }
  return parent.field(name);
}

const Type* Schema::resolve(const TypeReference& reference) const {
  const Type* type = nullptr;
  if (reference.inner == nullptr) {
    const NamedType* const named = this->type(reference.name.value);
    type = named == nullptr ? nullptr : named->type;
  } else if (const Type* const inner = resolve(*reference.inner)) {
    type = wrapped_types_->wrapped(*inner, Type::Wrapper::kList);
  }
  if (type != nullptr && reference.non_null) {
    type = wrapped_types_->wrapped(*type, Type::Wrapper::kNonNull);
  }
  return type;
}

}  // namespace matricula::graphql
