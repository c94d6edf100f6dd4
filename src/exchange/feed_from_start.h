#pragma once

#include <string_view>

#include "base/result.h"
#include "exchange/feed_spool.h"
#include "storage/database.h"

namespace matricula::exchange {

// A feed that was read from the start has every record of its company: adds to the spool the
// deletion of each record that the store has of the company and the spool lacks. To be called
// within the write, before anything of the feed is applied; the session is only read.
//
// kBadUserInput where the spool has no record of the company itself: such a feed was not read from
// the start, or not to its end.
Result<void> delete_what_lacks(storage::Session& session, std::string_view company,
                               FeedSpool& spool);

}  // namespace matricula::exchange
