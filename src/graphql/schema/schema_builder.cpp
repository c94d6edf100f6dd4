#include "graphql/schema/schema_builder.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "graphql/language/parser.h"
#include "graphql/schema/builtin.h"
#include "graphql/schema/schema_rules.h"
#include "graphql/schema/sdl_rules.h"
#include "graphql/schema/type_table.h"

namespace matricula::graphql {

namespace {

constexpr std::string_view kDefaultDeprecationReason = "No longer supported";

bool is_type_definition(const Definition& definition) {
  return !definition.is_executable() && definition.kind != DefinitionKind::kSchema &&
         definition.kind != DefinitionKind::kDirective;
}

TypeKind type_kind(DefinitionKind kind) {
  switch (kind) {
    case DefinitionKind::kScalar:
      return TypeKind::kScalar;
    case DefinitionKind::kObject:
      return TypeKind::kObject;
    case DefinitionKind::kInterface:
      return TypeKind::kInterface;
    case DefinitionKind::kUnion:
      return TypeKind::kUnion;
    case DefinitionKind::kEnum:
      return TypeKind::kEnum;
    case DefinitionKind::kInputObject:
      return TypeKind::kInputObject;
    case DefinitionKind::kOperation:
    case DefinitionKind::kFragment:
    case DefinitionKind::kSchema:
    case DefinitionKind::kDirective:
      break;
  }
  MATRICULA_ASSERT(false && "not the definition of a type");
  return TypeKind::kScalar;
}

ScalarKind scalar_kind(std::string_view name) {
  static constexpr std::pair<std::string_view, ScalarKind> kKinds[] = {
      {"Int", ScalarKind::kInt},
      {"Float", ScalarKind::kFloat},
      {"String", ScalarKind::kString},
      {"Boolean", ScalarKind::kBoolean},
      {"ID", ScalarKind::kId},
      {"Time", ScalarKind::kTime},
      {"Duration", ScalarKind::kDuration}};
  for (const auto& [known, kind] : kKinds) {
    if (known == name) {
      return kind;
    }
  }
  return ScalarKind::kOther;
}

std::optional<std::string_view> text_of(const Description& description) {
  return description.present ? std::optional(description.text) : std::nullopt;
}

const Directive* find_directive(std::span<const Directive> directives, std::string_view name) {
  const auto found = std::find_if(directives.begin(), directives.end(),
                                  [&](const Directive& d) { return d.name.value == name; });
  return found == directives.end() ? nullptr : &*found;
}

// The first argument of a directive that has one, such as deprecated; sdl_rules.h checked it.
std::optional<std::string_view> directive_text(std::span<const Directive> directives,
                                               std::string_view name,
                                               std::string_view text_by_default) {
  const Directive* const directive = find_directive(directives, name);
  if (directive == nullptr) {
    return std::nullopt;
  }
  return directive->arguments.empty() ? text_by_default : directive->arguments[0].value.text;
}

std::optional<std::string_view> deprecation_reason(std::span<const Directive> directives) {
  return directive_text(directives, "deprecated", kDefaultDeprecationReason);
}

Error rejected(const std::vector<std::string>& problems) {
  std::string message;
  for (const std::string& problem : problems) {
    message += (message.empty() ? "" : "\n") + problem;
  }
  return {.code = ErrorCode::kCorrupt, .message = std::move(message)};
}

Result<std::shared_ptr<const Document>> parse_sdl(std::string_view sdl) {
  ParseResult parsed = parse(std::string(sdl), kUnlimited);
  if (!parsed) {
    const Diagnostic& error = parsed.error();
    return fail(ErrorCode::kParseFailed, with_location(error.message, error.locations[0]));
  }
  return *parsed;
}

}  // namespace

Result<std::shared_ptr<const Schema>> SchemaBuilder::build(std::string_view sdl) {
  MATRICULA_TRY(auto document, parse_sdl(sdl));
  MATRICULA_TRY(auto builtin, parse_sdl(kBuiltinSdl));
  if (const auto problems = check_sdl(*document, *builtin); !problems.empty()) {
    return fail(rejected(problems));
  }
  SchemaBuilder builder(std::move(document), std::move(builtin));
  builder.declare_types(*builder.builtin_);
  builder.declare_types(*builder.sdl_);
  builder.define_types(*builder.builtin_);
  builder.define_types(*builder.sdl_);
  builder.define_directives(*builder.sdl_);
  builder.define_directives(*builder.builtin_);
  builder.deprecate_directives(*builder.sdl_);
  builder.define_roots();
  builder.define_meta_fields();
  builder.order_types();
  builder.find_possible_types();
  builder.schema_->wrapped_types_->freeze();
  if (const auto problems = check_schema(*builder.schema_); !problems.empty()) {
    return fail(rejected(problems));
  }
  return std::shared_ptr<const Schema>(std::move(builder.schema_));
}

SchemaBuilder::SchemaBuilder(std::shared_ptr<const Document> sdl,
                             std::shared_ptr<const Document> builtin)
    : sdl_(std::move(sdl)), builtin_(std::move(builtin)), schema_(new Schema) {
  schema_->sources_ = {sdl_, builtin_};
}

NamedType& SchemaBuilder::named(std::string_view name) {
  const auto found = schema_->types_by_name_.find(name);
  MATRICULA_ASSERT(found != schema_->types_by_name_.end());
  return *found->second;
}

void SchemaBuilder::declare_types(const Document& document) {
  for (const Definition& definition : document.definitions()) {
    if (!is_type_definition(definition) || definition.extension) {
      continue;
    }
    const std::string_view name = definition.name.value;
    auto& slot = schema_->types_by_name_[name];
    // A built-in type that the SDL defines again stays as it is, as in graphql-js.
    if (slot == nullptr) {
      slot = std::make_unique<NamedType>();
      slot->kind = type_kind(definition.kind);
      slot->name = name;
      slot->description = text_of(definition.description);
      slot->type = schema_->wrapped_types_->add(*slot);
    }
    if (&document == sdl_.get()) {
      declared_.push_back(slot.get());
    }
  }
}

void SchemaBuilder::define_types(const Document& document) {
  const auto is_builtin = [this](const Definition& definition) {
    return std::any_of(builtin_->definitions().begin(), builtin_->definitions().end(),
                       [&](const Definition& b) {
                         return is_type_definition(b) && b.name.value == definition.name.value;
                       });
  };
  // Extensions add to what the definition says, wherever they stand.
  for (const bool extensions : {false, true}) {
    for (const Definition& definition : document.definitions()) {
      const bool is_ours = &document == builtin_.get() || !is_builtin(definition);
      if (is_type_definition(definition) && definition.extension == extensions && is_ours) {
        define_type(named(definition.name.value), definition);
      }
    }
  }
}

void SchemaBuilder::define_type(NamedType& type, const Definition& definition) {
  if (type.kind == TypeKind::kScalar) {
    type.scalar = scalar_kind(type.name);
    if (const auto url = directive_text(definition.directives, "specifiedBy", {})) {
      type.specified_by_url = url;
    }
  }
  type.is_one_of = type.is_one_of || (type.kind == TypeKind::kInputObject &&
                                      find_directive(definition.directives, "oneOf") != nullptr);
  for (const Name& interface : definition.interfaces) {
    type.interfaces.push_back(&named(interface.value));
  }
  for (const FieldDefinition& field_definition : definition.fields) {
    type.fields.push_back(field(field_definition));
  }
  for (const Name& member : definition.members) {
    type.possible_types.push_back(&named(member.value));
  }
  for (const EnumValueDefinition& value : definition.enum_values) {
    type.enum_values.push_back({.name = value.name.value,
                                .description = text_of(value.description),
                                .deprecation_reason = deprecation_reason(value.directives)});
  }
  for (const InputValue& input : input_values(definition.input_fields)) {
    type.input_fields.push_back(input);
  }
}

Field SchemaBuilder::field(const FieldDefinition& definition) {
  return {.name = definition.name.value,
          .description = text_of(definition.description),
          .arguments = input_values(definition.arguments),
          .type = schema_->resolve(definition.type),
          .deprecation_reason = deprecation_reason(definition.directives)};
}

std::vector<InputValue> SchemaBuilder::input_values(
    std::span<const InputValueDefinition> definitions) {
  std::vector<InputValue> values;
  values.reserve(definitions.size());
  for (const InputValueDefinition& definition : definitions) {
    values.push_back({.name = definition.name.value,
                      .description = text_of(definition.description),
                      .type = schema_->resolve(definition.type),
                      .default_value = definition.default_value,
                      .deprecation_reason = deprecation_reason(definition.directives)});
  }
  return values;
}

void SchemaBuilder::define_directives(const Document& document) {
  for (const Definition& definition : document.definitions()) {
    // The SDL's own definition of a built-in directive came first, and counts.
    if (definition.kind != DefinitionKind::kDirective || definition.extension ||
        schema_->directive(definition.name.value) != nullptr) {
      continue;
    }
    DirectiveType directive{.name = definition.name.value,
                            .description = text_of(definition.description),
                            .arguments = input_values(definition.input_fields),
                            .locations = {},
                            .repeatable = definition.repeatable,
                            .deprecation_reason = deprecation_reason(definition.directives)};
    for (const Name& location : definition.locations) {
      directive.locations.push_back(location.value);
    }
    schema_->directives_.push_back(std::move(directive));
  }
}

// `extend directive @name @deprecated`; the first reason stays.
void SchemaBuilder::deprecate_directives(const Document& document) {
  for (const Definition& definition : document.definitions()) {
    if (definition.kind != DefinitionKind::kDirective || !definition.extension) {
      continue;
    }
    for (DirectiveType& directive : schema_->directives_) {
      if (directive.name == definition.name.value && !directive.deprecation_reason) {
        directive.deprecation_reason = deprecation_reason(definition.directives);
      }
    }
  }
}

const NamedType*& SchemaBuilder::root(OperationType operation) {
  switch (operation) {
    case OperationType::kQuery:
      break;
    case OperationType::kMutation:
      return schema_->mutation_;
    case OperationType::kSubscription:
      return schema_->subscription_;
  }
  return schema_->query_;
}

void SchemaBuilder::define_roots() {
  bool has_definition = false;
  for (const Definition& definition : sdl_->definitions()) {
    if (definition.kind != DefinitionKind::kSchema) {
      continue;
    }
    has_definition = has_definition || !definition.extension;
    if (definition.description.present) {
      schema_->description_ = definition.description.text;
    }
    for (const RootOperationType& operation : definition.root_operations) {
      root(operation.operation) = &named(operation.type.value);
    }
  }
  if (!has_definition) {
    static constexpr std::pair<std::string_view, OperationType> kDefaults[] = {
        {"Query", OperationType::kQuery},
        {"Mutation", OperationType::kMutation},
        {"Subscription", OperationType::kSubscription}};
    for (const auto& [name, operation] : kDefaults) {
      if (const NamedType* const type = schema_->type(name)) {
        root(operation) = type;
      }
    }
  }
}

void SchemaBuilder::define_meta_fields() {
  const auto meta = schema_->types_by_name_.extract(kMetaTypeName);
  MATRICULA_ASSERT(!meta.empty());
  schema_->schema_field_ = *meta.mapped()->field("__schema");
  schema_->type_field_ = *meta.mapped()->field("__type");
  schema_->typename_field_ = *meta.mapped()->field("__typename");
}

// The order of graphql-js's type map: the SDL's types, each followed by the built-in ones that it
// is the first to mention; then those that directives and introspection bring.
void SchemaBuilder::order_types() {
  std::set<const NamedType*> seen(declared_.begin(), declared_.end());
  for (const NamedType* const type : declared_) {
    seen.erase(type);
    collect(*type, seen);
  }
  for (const DirectiveType& directive : schema_->directives_) {
    collect_arguments(directive.arguments, seen);
  }
  collect(named("__Schema"), seen);
  // A built-in scalar that nothing mentions is no type of the schema (GraphQL, section 3.5).
  std::erase_if(schema_->types_by_name_,
                [&](const auto& entry) { return !seen.contains(entry.second.get()); });
}

void SchemaBuilder::collect(const NamedType& type, std::set<const NamedType*>& seen) {
  if (!seen.insert(&type).second) {
    return;
  }
  schema_->ordered_types_.push_back(&type);
  if (type.kind == TypeKind::kUnion) {
    for (const NamedType* const member : type.possible_types) {
      collect(*member, seen);
    }
  }
  for (const NamedType* const interface : type.interfaces) {
    collect(*interface, seen);
  }
  for (const Field& field_of_type : type.fields) {
    collect(field_of_type.type->innermost(), seen);
    collect_arguments(field_of_type.arguments, seen);
  }
  collect_arguments(type.input_fields, seen);
}

void SchemaBuilder::collect_arguments(const std::vector<InputValue>& arguments,
                                      std::set<const NamedType*>& seen) {
  for (const InputValue& argument : arguments) {
    collect(argument.type->innermost(), seen);
  }
}

void SchemaBuilder::find_possible_types() {
  for (const NamedType* const type : schema_->ordered_types_) {
    if (type->kind != TypeKind::kObject) {
      continue;
    }
    for (const NamedType* const interface : type->interfaces) {
      if (interface->kind == TypeKind::kInterface) {
        named(interface->name).possible_types.push_back(type);
      }
    }
  }
}

}  // namespace matricula::graphql
