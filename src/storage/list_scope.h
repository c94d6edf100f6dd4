#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sql/relation.h"

namespace matricula::storage {

// A value of a key, filter or fixed column; UUIDs are their sixteen bytes in a string.
using KeyValue = std::variant<std::int64_t, double, std::string>;

// The position of a row in an order: the order's key, then the ties.
using Position = std::vector<KeyValue>;

struct Condition {
  std::uint16_t filter = 0;
  std::vector<KeyValue> any_of = {};  // kAnyOf: not empty, sorted, each once
  std::optional<KeyValue> from = {};
  std::optional<KeyValue> to = {};
  std::string search = {};  // kSearch: lower case, not empty
};

// One list of one tenant, as a request narrows it.
struct ListScope {
  const sql::Relation* relation = nullptr;
  std::string_view company;
  std::span<const KeyValue> fixed = {};
  std::span<const Condition> conditions = {};
};

// The smallest histogram of the relation that has all of these conditions, so that writes keep how
// many rows match them; null for none. Pure.
const sql::Histogram* histogram_of(const sql::Relation& relation,
                                   std::span<const Condition> conditions);

}  // namespace matricula::storage
