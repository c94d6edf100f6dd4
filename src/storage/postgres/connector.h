#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "storage/postgres/address.h"
#include "storage/postgres/connection.h"

namespace matricula::storage::postgres {

// Makes the connections of one store. While a server does not answer, it is asked once in a while
// and not by every request. Safe to call from any thread.
class Connector {
 public:
  Connector(Address address, std::chrono::milliseconds statement_timeout, const Clock& clock)
      : address_(std::move(address)), statement_timeout_(statement_timeout), clock_(clock) {}

  Result<std::unique_ptr<Connection>> connect(Access access, Deadline deadline);
  const Address& address() const { return address_; }
  // For statements without a deadline of their own; zero for none.
  std::chrono::milliseconds statement_timeout() const { return statement_timeout_; }

 private:
  const Address address_;
  const std::chrono::milliseconds statement_timeout_;
  const Clock& clock_;
  std::atomic<std::int64_t> not_before_ns_{INT64_MIN};
};

}  // namespace matricula::storage::postgres
