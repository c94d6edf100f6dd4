#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "storage/postgres/connector.h"

namespace matricula::storage::postgres {

struct AwaitOptions {
  std::chrono::milliseconds limit;
  // Takes lines for the log.
  std::function<void(std::string_view)> note;
  // Sleeps between two tries; false ends the waiting.
  std::function<bool(std::chrono::milliseconds)> pause;
};

// Waits until a server of the address accepts connections, at most `limit`. An error that waiting
// cannot mend, such as a wrong password or a database that does not exist, ends it at once; its
// message says what is wrong and names the store. Notes what it waits for, and the kind of pooler
// in between. False where `pause` ended it.
Result<bool> await_server(std::string_view url, const AwaitOptions& options, const Clock& clock);

// Whether the role may own the tables, in which case row-level security does not restrict it: good
// enough for a store of synthetic data.
enum class Fence { kNoPrivilege, kOwnerToo };

// kUnauthorized, with the remedy, where row-level security does not restrict the role of the
// address to one company at a time: for servers, which rely on it as defence in depth.
Result<void> require_fence(std::string_view url, Fence fence, const Clock& clock);

// A connection that may change the schema; where there are only standbys, one that reads. The error
// names the store.
Result<std::unique_ptr<Connection>> connect_for_schema(Connector& connector);

}  // namespace matricula::storage::postgres
