#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/postgres/address.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/hosts.h"

namespace matricula::storage::postgres {

// Makes the connections of one store: to the first server of its address that can be used, with all
// settings that the statements rely on. While no server answers, connecting is tried once in a
// while and not by every request. Safe to call from any thread.
//
// Detects how a pooler in between works. Behind one that gives the connection to another client
// with each transaction, a session keeps no state between transactions: see
// Connection::set_by_transaction().
class Connector {
 public:
  Connector(Address address, std::chrono::milliseconds statement_timeout, const Clock& clock)
      : address_(std::move(address)), statement_timeout_(statement_timeout), clock_(clock) {}

  // A connection for a session. The error is for clients. kServe and kWrite want a server that can
  // be written to; a standby is skipped.
  Result<std::unique_ptr<Connection>> connect(Access access, Deadline deadline);
  // The same, asked at once and always, and the error is for the operator; see connect_error.h. It
  // takes as long as all servers of the address may take together.
  Result<std::unique_ptr<Connection>> connect_now(Access access, Deadline deadline);

  // Whether sessions that serve requests have connections: a server that takes no more answers
  // these. One that went away unnoticed still counts until it is used.
  bool is_serving() const { return serving_.load(std::memory_order_relaxed) > 0; }

  const Address& address() const { return address_; }
  // For statements without a deadline of their own; zero for none.
  std::chrono::milliseconds statement_timeout() const { return statement_timeout_; }
  // From now on, sessions use nothing that lasts longer than a transaction.
  void assume_by_transaction() { pooling_ = Pooling::kTransaction; }
  // How the pooler works that is in between; kUnknown where none was found.
  enum class Pooling : std::uint8_t { kUnknown, kSession, kTransaction };
  Pooling pooling() const { return pooling_; }

 private:
  struct Server;
  struct Until {
    Deadline connect;
    Deadline all;
  };

  Result<std::unique_ptr<Connection>> try_hosts(const std::vector<Host>& hosts,
                                                const Address& address, Access access,
                                                Deadline deadline);
  Result<std::unique_ptr<Connection>> try_host(const Host& host, const Address& address,
                                               Access access, const Until& until);
  Deadline turn_of_one(Deadline deadline, std::ptrdiff_t left) const;
  Result<void> set_up(Connection& connection, const Server& server, Access access,
                      Deadline deadline);
  Result<Pooling> find_pooling(Connection& connection, const Host& host, const Address& address);
  Result<bool> shares_servers(Connection& one, Connection& other);
  std::chrono::milliseconds host_limit() const;
  void put_last_those_that_failed(std::vector<Host>& hosts);
  void note_failure(const Host& host, bool failed);

  const Address address_;
  const std::chrono::milliseconds statement_timeout_;
  const Clock& clock_;
  std::atomic<int> serving_{0};
  std::atomic<std::int64_t> not_before_ns_{INT64_MIN};
  std::atomic<Pooling> pooling_{Pooling::kUnknown};
  std::mutex pooling_mutex_;                      // held while it is found out
  std::mutex mutex_;                              // guards the next
  std::map<std::string, Deadline> failed_until_;  // by host and address
};

}  // namespace matricula::storage::postgres
