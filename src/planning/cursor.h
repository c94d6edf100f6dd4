#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/relation.h"
#include "storage/list_scope.h"

namespace matricula::planning {

// A cursor is a position by key: the order's number, its key and the ties, in base64url. It holds
// no company (that comes from the principal) and means nothing under another order.

// Appends the cursor's text. The position has the types of the order's key and ties. `scratch` is
// overwritten; it keeps its memory from row to row.
void append_cursor(const sql::Relation& relation, std::uint16_t order,
                   const storage::Position& position, std::string& scratch, std::string& out);

// The position of a cursor made under the same list and order; nullopt for anything else.
std::optional<storage::Position> read_cursor(const sql::Relation& relation, std::uint16_t order,
                                             std::string_view cursor);

}  // namespace matricula::planning
