#pragma once

#include <string>

#include "records/entities.h"
#include "sql/dialect.h"

namespace matricula::exchange {

// The columns of the entity's table, comma-separated, in the order of its fields.
std::string column_list(const records::Entity& entity);

// Inserts a record, or replaces the one with its key where any value differs, so that a record that
// comes twice changes no row. Parameters: a value for each field; for program progress email_key
// and title_key; for an entity with a field that defaults to now, 1 where the record brought that
// value, else 0: a stored time is then kept unless another value differs.
std::string upsert_sql(const records::Entity& entity, sql::Dialect dialect);

// Deletes the record with a key. Parameters: the key fields in their order.
std::string delete_sql(const records::Entity& entity);

}  // namespace matricula::exchange
