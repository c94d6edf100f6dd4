#pragma once

#include <string>

#include "records/change_reader.h"

namespace matricula::tables {

// The members of a line of the feed that are not columns of its table.
inline constexpr std::string_view kTableMember = "_table";
inline constexpr std::string_view kSequenceMember = "_sequence";
inline constexpr std::string_view kChangedAtMember = "_changedAt";
inline constexpr std::string_view kDeleteMember = "_delete";

// Appends a change as a line of the feed, with its newline: the row as it is now, or the key of one
// that is gone and `"_delete":true`.
void append_change(std::string& out, const records::Change& change);

}  // namespace matricula::tables
