#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graphql/language/ast.h"
#include "graphql/schema/schema.h"
#include "planning/mapping.h"

namespace matricula::planning {

// An operation compiled once and run many times. Immutable; shared by all requests that send the
// same document; holds no user, no company and no variable value.

using FlagId = std::uint16_t;
inline constexpr FlagId kAlways = 0;

// One @skip or @include with a variable. Flag i holds when its parent holds and the variable is
// `expected`. Flag 0 is always true; a parent's number is smaller than its child's.
struct Flag {
  FlagId parent = kAlways;
  std::string variable = {};
  bool expected = true;
};

// A @skip or @include whose variable may be null. Null is an error of the object that is selected
// from, while the flag's parent holds (GraphQL, section 6.4.1).
struct NullableCondition {
  FlagId flag = kAlways;
  graphql::Offset offset = 0;  // of the variable in the document
};
// Those of one object, in the order that they are looked at.
using NullableConditions = std::vector<NullableCondition>;

// When a field is part of the answer: one of its own flags holds, and none of those under which an
// earlier place in the selection already wrote the same response key (GraphQL, section 6.3.2: a
// field has the position of its first occurrence).
struct Activation {
  FlagId flag = kAlways;
  std::vector<FlagId> unless = {};
};

enum class Write : std::uint8_t {
  kTypename,
  kText,
  kInteger,
  kReal,
  kBoolean,
  kTime,
  kUuid,
  kJson,    // a column of JSON text, projected through `child` where its type has fields
  kCursor,  // of an edge
  kNode,    // of an edge: `child` over the same row
};

struct Shape;

struct ShapeField {
  std::string prefix;  // the response key as JSON with its colon
  Activation when = {};
  Write write = Write::kText;
  std::uint16_t column = 0;    // in the row that the plan's statement gives
  std::string_view name = {};  // the schema's name: a member of a JSON column
  const graphql::Type* type = nullptr;
  std::shared_ptr<const Shape> child = {};
};

// The fields of one object, in the order they are written.
struct Shape {
  std::string typename_json;  // the type's name as JSON
  std::vector<ShapeField> fields;
  NullableConditions conditions = {};
};

enum class PageInfoField : std::uint8_t {
  kTypename,
  kHasNextPage,
  kHasPreviousPage,
  kStartCursor,
  kEndCursor
};

struct PageInfoEntry {
  std::string prefix;
  Activation when = {};
  PageInfoField field = PageInfoField::kTypename;
};

enum class ConnectionField : std::uint8_t { kTypename, kTotalCount, kPageInfo, kEdges };

struct ConnectionEntry {
  std::string prefix;
  Activation when = {};
  ConnectionField field = ConnectionField::kTypename;
  std::vector<PageInfoEntry> page_info = {};
  NullableConditions conditions = {};  // of PageInfo
  std::string typename_json = {};      // of the connection or of PageInfo
  std::shared_ptr<const Shape> edge = {};
};

struct ConnectionPlan {
  const ConnectionRoot* root = nullptr;
  std::vector<std::uint16_t> columns;  // of the relation, in the order that the shapes count
  std::vector<ConnectionEntry> entries;
  NullableConditions conditions = {};
};

struct ObjectEntry {
  std::string prefix;
  Activation when = {};
  const ListMember* list = nullptr;  // null for __typename and the company's id
  bool company = false;
  std::string typename_json = {};
  std::vector<std::uint16_t> columns = {};
  std::shared_ptr<const Shape> shape = {};
};

struct ObjectPlan {
  const ObjectRoot* root = nullptr;
  std::vector<ObjectEntry> entries;
  NullableConditions conditions = {};
};

struct CommandPlan {
  const CommandRoot* root = nullptr;
  std::shared_ptr<const Shape> shape;  // null where the field is a scalar
};

struct TypenamePlan {
  std::string json;
};

// `__schema` and `__type`: answered from the schema, as the places of the root entry select.
struct IntrospectionPlan {};

// A field of the document, which counts while a flag holds.
struct FlaggedNode {
  const graphql::Selection* node = nullptr;
  FlagId flag = kAlways;
};

struct RootEntry {
  std::string prefix;
  std::string key;
  Activation when = {};
  std::vector<FlaggedNode> places;  // all that are merged here: the locations of an error
  const graphql::Field* definition = nullptr;
  std::variant<ConnectionPlan, ObjectPlan, CommandPlan, TypenamePlan, IntrospectionPlan> work;
};

struct Plan {
  std::shared_ptr<const graphql::Schema> schema;
  std::shared_ptr<const graphql::Document> document;
  const graphql::Definition* operation = nullptr;
  std::vector<Flag> flags;  // from 1; flag 0 is not stored: flags[i] is flag i + 1
  std::vector<RootEntry> roots;
  NullableConditions conditions = {};    // of the operation
  bool has_nullable_conditions = false;  // here or in any object below
  std::size_t bytes = 0;                 // about what the plan and its document take
};

}  // namespace matricula::planning
