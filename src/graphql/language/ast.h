#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace matricula::graphql {

// The tree of a document: GraphQL, September 2025, section 2. Nodes are plain and immutable, live
// in the arena of their Document, and borrow text from its source or arena. `offset` is the byte
// where a node's first token starts in the source (descriptions included, where the grammar has
// them).

using Offset = std::uint32_t;

struct Name {
  std::string_view value = {};  // empty where the grammar lets the name be absent
  Offset offset = 0;
};

enum class ValueKind { kVariable, kInt, kFloat, kString, kBoolean, kNull, kEnum, kList, kObject };

struct ObjectField;

struct Value {
  ValueKind kind = ValueKind::kNull;
  bool block = false;          // a string written as a block string
  Offset offset = 0;           // of the `$` for a variable
  Offset end = 0;              // one past the last byte
  std::string_view text = {};  // name without `$`, digits, decoded string, true/false, enum name
  std::span<const Value> items = {};
  std::span<const ObjectField> fields = {};
};

struct ObjectField {
  Name name;
  Value value;
};

struct Argument {
  Name name;
  Value value;
};

struct Directive {
  Name name;  // without `@`
  std::span<const Argument> arguments = {};
  Offset offset = 0;  // of the `@`
};

struct TypeReference {
  bool non_null = false;
  Name name = {};                        // of a named type; empty for a list
  const TypeReference* inner = nullptr;  // of a list
  Offset offset = 0;
};

struct Description {
  bool present = false;
  bool block = false;
  std::string_view text = {};
  Offset offset = 0;
};

struct SelectionSet;

enum class SelectionKind { kField, kFragmentSpread, kInlineFragment };

struct Selection {
  SelectionKind kind = SelectionKind::kField;
  Offset offset = 0;  // of the alias or name, or of `...`
  Name alias = {};    // fields only
  Name name = {};     // of the field or of the fragment
  std::span<const Argument> arguments = {};
  std::span<const Directive> directives = {};
  Name type_condition = {};                     // inline fragments only; may be absent
  const SelectionSet* selection_set = nullptr;  // null where there is none

  std::string_view response_key() const { return alias.value.empty() ? name.value : alias.value; }
};

struct SelectionSet {
  std::span<const Selection> selections = {};
  Offset offset = 0;  // of the `{`
};

enum class OperationType { kQuery, kMutation, kSubscription };

struct VariableDefinition {
  Description description = {};
  Name variable = {};  // without `$`; its offset is that of the `$`
  TypeReference type = {};
  const Value* default_value = nullptr;
  std::span<const Directive> directives = {};
  Offset offset = 0;
};

struct InputValueDefinition {
  Description description = {};
  Name name = {};
  TypeReference type = {};
  const Value* default_value = nullptr;
  std::span<const Directive> directives = {};
  Offset offset = 0;
};

struct FieldDefinition {
  Description description = {};
  Name name = {};
  std::span<const InputValueDefinition> arguments = {};
  TypeReference type = {};
  std::span<const Directive> directives = {};
  Offset offset = 0;
};

struct EnumValueDefinition {
  Description description = {};
  Name name = {};
  std::span<const Directive> directives = {};
  Offset offset = 0;
};

struct RootOperationType {
  OperationType operation = OperationType::kQuery;
  Name type = {};
  Offset offset = 0;
};

enum class DefinitionKind {
  kOperation,
  kFragment,
  kSchema,
  kScalar,
  kObject,
  kInterface,
  kUnion,
  kEnum,
  kInputObject,
  kDirective
};

// One top-level definition. Only the members that its kind has are filled. As graphql-js does, the
// grammar is ahead of the edition in two places: directives are allowed on a directive definition,
// and `extend directive @name` is a kDirective with `extension` set.
struct Definition {
  DefinitionKind kind = DefinitionKind::kOperation;
  bool extension = false;  // `extend ...`
  Description description = {};
  Name name = {};
  Offset offset = 0;
  std::span<const Directive> directives = {};

  // Executable definitions.
  OperationType operation = OperationType::kQuery;
  bool shorthand = false;  // `{ ... }` without the word query
  std::span<const VariableDefinition> variables = {};
  const SelectionSet* selection_set = nullptr;
  Name type_condition = {};  // of a fragment

  // Type system definitions.
  std::span<const RootOperationType> root_operations = {};
  std::span<const Name> interfaces = {};
  std::span<const FieldDefinition> fields = {};
  std::span<const Name> members = {};  // of a union
  std::span<const EnumValueDefinition> enum_values = {};
  std::span<const InputValueDefinition> input_fields = {};  // and the arguments of a directive
  bool repeatable = false;
  std::span<const Name> locations = {};

  bool is_executable() const {
    return kind == DefinitionKind::kOperation || kind == DefinitionKind::kFragment;
  }
};

// A parsed document; owns its source text and every node. Immutable after parse(), so it may be
// read from any thread. Not movable: nodes point into it.
class Document {
 public:
  explicit Document(std::string source)
      : source_(std::move(source)), arena_(first_block_bytes(source_.size())) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  std::string_view source() const { return source_; }
  std::span<const Definition> definitions() const { return definitions_; }
  // How much memory the nodes take.
  std::size_t bytes() const { return source_.size() + arena_bytes_; }

 private:
  friend class Parser;

  // Nodes take about ten times their text; larger documents grow the arena by doubling.
  static std::size_t first_block_bytes(std::size_t source_bytes) {
    return std::clamp<std::size_t>(source_bytes * 10, 1024, 65'536);
  }

  std::string source_;
  std::pmr::monotonic_buffer_resource arena_;
  std::span<const Definition> definitions_;
  std::size_t arena_bytes_ = 0;
};

}  // namespace matricula::graphql
