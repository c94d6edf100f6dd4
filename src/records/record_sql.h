#pragma once

#include <string>
#include <string_view>

#include "records/entities.h"
#include "sql/dialect.h"

namespace matricula::records {

// Whether rows of the entity are progress, which a ChangeLog numbers in the rows themselves.
bool is_progress(EntityId entity);

// The columns of the entity's table, comma-separated, in the order of its fields.
std::string column_list(const Entity& entity);

// Which time is stored for a record that brings its own, where a parent's value that it shows
// changed later than that.
enum class BroughtTimes {
  kNotBeforeMoves,  // the time of that change is kept
  kAlways,          // the record's own time is stored
};

// Inserts a record, or replaces the one with its key where any value differs, so that a record that
// comes twice changes no row. Parameters: a value for each field; for program progress email_key
// and title_key; for progress its change number, then 1 where the record brought its updatedAt,
// else 0: a stored time is then kept unless another value differs.
std::string upsert_sql(const Entity& entity, sql::Dialect dialect, BroughtTimes times);

// The same as upsert_sql() for the rows of a query: `rows` gives the values of stored_columns(), no
// two rows with one key; `brings_time` is the condition under which a time that defaults to now
// counts as a value of the record.
std::string insert_or_replace_sql(const Entity& entity, sql::Dialect dialect, BroughtTimes times,
                                  std::string_view rows, std::string_view brings_time);
// The columns of the fields, of the copies and of the change number, comma-separated.
std::string stored_columns(const Entity& entity);

// Deletes the record with a key. Parameters: the key fields in their order.
std::string delete_sql(const Entity& entity);

}  // namespace matricula::records
