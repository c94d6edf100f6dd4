#pragma once

#include <cstdint>
#include <string>

#include "planning/plan.h"
#include "storage/database.h"
#include "storage/list_scope.h"

namespace matricula::execution {

// Reads the cursors of rows. One for each thread.
class CursorReader {
 public:
  // Sets `cursor` to the cursor of the current row, as JSON. `order` is an index among the orders
  // of the plan's relation; the row has the columns of the plan, followed by the key of the order
  // and its ties.
  void read(const planning::ConnectionPlan& plan, std::uint16_t order, const storage::Rows& row,
            std::string& cursor);

 private:
  storage::Position position_;
  std::string scratch_;
};

}  // namespace matricula::execution
