#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "readmodel/layout.h"
#include "readmodel/people.h"
#include "storage/database.h"
#include "storage/list_scope.h"

// Rows as the store gives them: a column for each source of the layout, in its sequence.
namespace matricula::readmodel {

inline constexpr std::size_t kTextBytesMax = std::size_t{4} * 1024 * 1024;

// Writes the numbers of a row. Fails with kLimitExceeded where one cannot be told from null.
Result<void> write_numbers(const Layout& layout, const storage::Rows& from, std::byte* row);

// The texts of the row's person by slot, borrowed from the row. Fails with kLimitExceeded where one
// is null.
Result<void> read_person(const Layout& layout, const storage::Rows& from, Person& person,
                         std::vector<std::string_view>& texts);

// The text of a column. Fails with kLimitExceeded where it is longer than kTextBytesMax.
Result<std::string_view> read_text(const storage::Rows& from, unsigned column);

// The values of the row's key.
void read_key(const Layout& layout, const storage::Rows& from, storage::Position& key);

}  // namespace matricula::readmodel
