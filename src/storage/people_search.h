#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/dialect.h"
#include "storage/database.h"

// Searching people by a part of their names through the trigram index of their search texts: FTS5
// on SQLite, pg_trgm on PostgreSQL.
namespace matricula::storage {

// Whether the index can say who contains the text: it has to have three characters, on PostgreSQL
// letters or digits in a row.
bool is_in_trigrams(std::string_view text, sql::Dialect dialect);

// What the index is asked for: all that contain the text, whatever characters it has.
void make_pattern(std::string_view text, sql::Dialect dialect, std::string& out);

// Whether the pattern finds so few people of the whole store that it pays to find them all before
// the first row.
Result<bool> finds_few_people(Session& session, sql::Dialect dialect, std::string_view pattern);

}  // namespace matricula::storage
