#pragma once

#include <compare>
#include <string>
#include <vector>

#include "sql/dialect.h"

namespace matricula::migrations {

// A part of a store's schema that has a name.
struct SchemaObject {
  std::string kind;  // "table", "index", "trigger" or "policy"
  std::string name;  // of a policy `TABLE.NAME`
  auto operator<=>(const SchemaObject&) const = default;
};

// What the steps leave behind in a store of the dialect, as their texts say it, in order. Indexes
// of primary keys and unique columns have names of the store's own and are not among them.
std::vector<SchemaObject> schema_objects(sql::Dialect dialect);

// What a trigger or, on PostgreSQL, a function is made with.
struct SchemaText {
  std::string kind;  // "trigger" or "function"
  std::string name;
  std::string text;  // a trigger's statement without its end; the body of a function
};

// The triggers and functions that the steps leave behind, in their order.
std::vector<SchemaText> schema_texts(sql::Dialect dialect);

}  // namespace matricula::migrations
