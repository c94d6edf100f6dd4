#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "sql/relation.h"

namespace matricula::planning {

// What a domain says about its endpoint: which field reads which list, and who may ask. Plain data,
// declared once in domains/*/domain.cpp and alive for the whole process.

// A statement that must find a row, else the field answers `not authorized`: a resource of another
// company and one that does not exist look the same. Parameters: ?1 the company, ?2 the argument.
struct Guard {
  std::string_view argument;  // path of the input, such as "contractId" or "input.planId"
  std::string_view text;
};

// A Relay connection over one list, paged by `first`, `after`, `last` and `before` of its `input`.
struct ConnectionRoot {
  std::string_view field;
  sql::Relation relation;
  std::optional<Guard> guard = {};
};

// A list of an object root. `narrowed` stands in for `whole` where the root's narrowing argument is
// given; its first fixed column is that argument.
struct ListMember {
  std::string_view field;
  sql::Relation whole;
  sql::Relation narrowed;
};

// An object of the tenant: one field holds the company's id, the others are lists read whole.
struct ObjectRoot {
  std::string_view field;
  std::string_view company_field;
  Guard guard;  // its argument narrows the lists
  std::vector<ListMember> lists;
};

// A field answered by a command of the domain, which gives the whole object or list as JSON; the
// selection is projected from it. Index into the domain's table of commands.
struct CommandRoot {
  std::string_view field;
  unsigned command = 0;
};

using Root = std::variant<ConnectionRoot, ObjectRoot, CommandRoot>;

std::string_view root_field(const Root& root);

struct ScopeRule {
  bool company = true;
  bool catalog_company = false;
};

struct Mapping {
  std::string_view name;  // of the endpoint, such as "program-progress"
  ScopeRule scopes;
  std::vector<Root> roots;
};

}  // namespace matricula::planning
