#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "dataapi/changes_request.h"
#include "records/change_reader.h"
#include "spool/spool.h"
#include "storage/database.h"

namespace matricula::dataapi {

// One page of the feed.
struct ChangesPage {
  spool::StoredBytes lines = {};
  bool is_empty = true;
  bool has_more = false;
  std::int64_t next = 0;  // after which number the next page begins
};

// Reads the page that follows the request's position, in the snapshot in which `state` was read.
// Most of a large page is in the spool, counted for `owner`; kUnavailable where that has no room.
// Precondition: the position is not lost.
Result<ChangesPage> read_changes(storage::Session& session, std::string_view company,
                                 const ChangesRequest& request, const records::SequenceState& state,
                                 const std::shared_ptr<spool::Spool>& spool, spool::Owner owner);

}  // namespace matricula::dataapi
