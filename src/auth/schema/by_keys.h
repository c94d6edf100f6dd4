#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/each_row.h"

namespace matricula::auth {

// Keys as values of a statement, borrowed from the argument.
std::vector<storage::Value> keys_of(std::span<const Uuid> ids);
std::vector<storage::Value> keys_of(std::span<const std::string> ids);

// A statement that reads the rows of any number of keys, in both dialects.
class ByKeys {
 public:
  // `before` ends with WHERE or AND, `after` follows the condition that `column` is one of the
  // keys.
  ByKeys(std::string_view before, std::string_view column, std::string_view after = {});

  // Calls `visit` for each row. Asks nothing of the store where there is no key.
  template <typename Visit>
  Result<void> each_row(storage::Session& session, std::span<const storage::Value> keys,
                        Visit&& visit) const {
    return keys.empty() ? Result<void>()
                        : storage::each_row(session, in(session.dialect()),
                                            {storage::ValueList{keys}}, visit);
  }

 private:
  const storage::Statement& in(sql::Dialect dialect) const;

  storage::Statement sqlite_;
  storage::Statement postgres_;
};

}  // namespace matricula::auth
