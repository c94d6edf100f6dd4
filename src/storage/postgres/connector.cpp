#include "storage/postgres/connector.h"

#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"

namespace matricula::storage::postgres {

Result<std::unique_ptr<Connection>> Connector::connect(Access access, Deadline deadline) {
  const Deadline now = clock_.monotonic();
  if (now.count() < not_before_ns_.load(std::memory_order_relaxed)) {
    return fail(lost_error("it did not answer a moment ago"));
  }
  auto connection =
      Connection::open(address_, access, std::min(deadline, now + kConnectTimeout), clock_);
  if (!connection) {
    not_before_ns_.store((clock_.monotonic() + kConnectPause).count(), std::memory_order_relaxed);
    if (connection.error().code == ErrorCode::kTimeout) {
      return fail(lost_error(connection.error().internal));
    }
  }
  return connection;
}

}  // namespace matricula::storage::postgres
