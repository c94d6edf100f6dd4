#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graphql/language/ast.h"

namespace matricula::graphql {

enum class TypeKind { kScalar, kObject, kInterface, kUnion, kEnum, kInputObject };

// How the values of a scalar type are read and written. Custom scalars are found by name.
enum class ScalarKind { kInt, kFloat, kString, kBoolean, kId, kTime, kDuration, kOther };

struct NamedType;
class TypeTable;

// A type with its wrappers: GraphQL, section 3.4.1. Interned by the schema, so equal types of one
// schema are equal pointers.
struct Type {
  enum class Wrapper { kNone, kList, kNonNull };
  Wrapper wrapper = Wrapper::kNone;
  const NamedType* named = nullptr;  // of kNone
  const Type* inner = nullptr;       // of kList and kNonNull
  // The types made of this one, where the schema holds them.
  const Type* list_of_this = nullptr;
  const Type* non_null_of_this = nullptr;

  bool is_non_null() const { return wrapper == Wrapper::kNonNull; }
  bool is_list() const { return wrapper == Wrapper::kList; }
  const Type& nullable() const { return is_non_null() ? *inner : *this; }
  const NamedType& innermost() const { return named != nullptr ? *named : inner->innermost(); }
};

// As the language writes it, such as [ID!]!.
std::string type_text(const Type& type);

struct InputValue {
  std::string_view name;
  std::optional<std::string_view> description;
  const Type* type = nullptr;
  const Value* default_value = nullptr;  // null where there is none
  std::optional<std::string_view> deprecation_reason;

  bool is_required() const { return type->is_non_null() && default_value == nullptr; }
};

struct Field {
  std::string_view name;
  std::optional<std::string_view> description;
  std::vector<InputValue> arguments;
  const Type* type = nullptr;
  std::optional<std::string_view> deprecation_reason;

  const InputValue* argument(std::string_view argument_name) const;
};

struct EnumValue {
  std::string_view name;
  std::optional<std::string_view> description;
  std::optional<std::string_view> deprecation_reason;
};

struct NamedType {
  TypeKind kind = TypeKind::kScalar;
  std::string_view name;
  const Type* type = nullptr;  // this type without wrappers
  std::optional<std::string_view> description;
  ScalarKind scalar = ScalarKind::kOther;
  std::optional<std::string_view> specified_by_url;
  std::vector<Field> fields;                     // objects and interfaces, in the order of the SDL
  std::vector<const NamedType*> interfaces;      // objects and interfaces
  std::vector<const NamedType*> possible_types;  // unions: members; interfaces: implementations
  std::vector<EnumValue> enum_values;
  std::vector<InputValue> input_fields;
  bool is_one_of = false;

  bool is_leaf() const { return kind == TypeKind::kScalar || kind == TypeKind::kEnum; }
  bool is_composite() const {
    return kind == TypeKind::kObject || kind == TypeKind::kInterface || kind == TypeKind::kUnion;
  }
  bool is_input() const { return is_leaf() || kind == TypeKind::kInputObject; }
  const Field* field(std::string_view field_name) const;
  const InputValue* input_field(std::string_view field_name) const;
  const EnumValue* enum_value(std::string_view value_name) const;
};

struct DirectiveType {
  std::string_view name;
  std::optional<std::string_view> description;
  std::vector<InputValue> arguments;
  std::vector<std::string_view> locations;
  bool repeatable = false;
  std::optional<std::string_view> deprecation_reason;

  const InputValue* argument(std::string_view argument_name) const;
};

// One endpoint's types, with the built-in scalars, directives and introspection types. Immutable;
// read from any thread.
class Schema {
 public:
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // Builds and checks a schema (GraphQL, section 3). The error (kCorrupt, or kParseFailed) says
  // everything that is wrong, a line each, in graphql-js's words with line:column behind them.
  static Result<std::shared_ptr<const Schema>> from_sdl(std::string_view sdl);

  const NamedType* type(std::string_view name) const;
  const DirectiveType* directive(std::string_view name) const;
  const NamedType* query() const { return query_; }
  const NamedType* mutation() const { return mutation_; }          // null where there is none
  const NamedType* subscription() const { return subscription_; }  // null where there is none
  const NamedType* root(OperationType operation) const;
  std::optional<std::string_view> description() const { return description_; }
  // In graphql-js's order of an introspection answer.
  const std::vector<const NamedType*>& types() const { return ordered_types_; }
  const std::vector<DirectiveType>& directives() const { return directives_; }
  // A field by name, the meta fields __typename, __schema and __type included.
  const Field* field(const NamedType& parent, std::string_view name) const;
  // The interned type of a reference in a document; null when its named type is unknown. A
  // reference with more lists around each other than the schema itself writes anywhere fits no
  // position of it; of those only so many are kept, and null stands for the rest. Safe to call from
  // any thread.
  const Type* resolve(const TypeReference& reference) const;

 private:
  friend class SchemaBuilder;
  Schema();

  std::vector<std::shared_ptr<const Document>> sources_;  // what the views above borrow from
  std::map<std::string_view, std::unique_ptr<NamedType>, std::less<>> types_by_name_;
  std::vector<const NamedType*> ordered_types_;
  std::vector<DirectiveType> directives_;
  const NamedType* query_ = nullptr;
  const NamedType* mutation_ = nullptr;
  const NamedType* subscription_ = nullptr;
  std::optional<std::string_view> description_;
  std::unique_ptr<TypeTable> wrapped_types_;
  Field typename_field_;
  Field schema_field_;
  Field type_field_;
};

}  // namespace matricula::graphql
