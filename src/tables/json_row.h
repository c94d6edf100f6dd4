#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "records/entities.h"
#include "storage/database.h"
#include "tables/table.h"

namespace matricula::tables {

// Writes rows as the members of JSON objects, in canonical form: the columns in the order chosen,
// ids of users and times in their shortest usual form. Allocates nothing for a row beyond growing
// `out`. Immutable.
class JsonMembers {
 public:
  // `chosen` has the places of the columns in `columns`. A null is written, or its member left out.
  JsonMembers(std::span<const Column> columns, std::span<const std::size_t> chosen,
              bool writes_nulls);
  // Appends `"a":1,"b":2`, without braces. values[i] is that of the i-th of all columns, as its
  // column in the store keeps it.
  void append(std::string& out, std::span<const storage::Bind> values) const;

 private:
  struct Member {
    std::string name;  // `,"name":`
    records::FieldType type;
    std::size_t place;
  };
  std::vector<Member> members_;
  bool writes_nulls_;
};

// The members of an entity's records: all fields, nulls left out.
const JsonMembers& record_members(records::EntityId entity);

// Appends a record as one canonical line with its newline. values[i] is that of entity.fields[i].
// The inverse of reading a line: a line that was written here and imported is written the same
// again, byte for byte.
void append_record(std::string& out, const records::Entity& entity,
                   std::span<const storage::Bind> values);

}  // namespace matricula::tables
