#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::dataapi {

// Which state of a company's table a file shows. Files of one recipe with the same epoch and table
// sequence are the same bytes.
struct FileState {
  std::string epoch = {};
  std::int64_t company_sequence = 0;
  std::int64_t table_sequence = 0;
  std::optional<Timestamp> changed_at = {};  // when the table last changed

  // Whether a file of this state shows all that one of `other` shows.
  bool is_at_least(const FileState& other) const {
    return epoch == other.epoch && table_sequence >= other.table_sequence;
  }
  bool is_before(const FileState& other) const {
    return epoch == other.epoch && table_sequence < other.table_sequence;
  }
};

// Within a snapshot of the session. kUnauthorized where there is no such company.
Result<FileState> read_file_state(storage::Session& session, std::string_view company,
                                  records::EntityId entity);

// A strong entity tag, with its quotes, for the file that a recipe makes of the state: the same on
// every node and after a restart.
std::string entity_tag(const FileState& state, std::string_view company, std::string_view recipe);

}  // namespace matricula::dataapi
