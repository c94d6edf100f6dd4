// How the pooler works that is in front of a server.
#include <fmt/format.h>

#include "storage/postgres/connector.h"
#include "storage/postgres/limits.h"

namespace matricula::storage::postgres {
namespace {

const std::string kProcess = "SELECT pg_catalog.pg_backend_pid()";

}  // namespace

// By session: a client keeps its server process. By transaction: while one client is idle, its
// process serves another, or its next statement runs in another process. Where neither is seen in
// time, transaction pooling is assumed, which is right with each kind.
Result<Connector::Pooling> Connector::find_pooling(Connection& connection, const Host& host,
                                                   const Address& address) {
  const Deadline deadline = clock_.monotonic() + kPoolerWait;
  MATRICULA_TRY(const auto other, Connection::open(address, host, deadline, clock_));
  for (int look = 0; look < kPoolerLooks; ++look) {
    const Result<bool> shares = shares_servers(connection, *other);
    if (!shares || *shares) {
      if (connection.is_lost()) {
        return fail(shares.error());
      }
      return Pooling::kTransaction;
    }
  }
  return Pooling::kSession;
}

Result<bool> Connector::shares_servers(Connection& one, Connection& other) {
  const Deadline deadline = clock_.monotonic() + kPoolerWait / kPoolerLooks;
  // A pooler that uses its servers in turn is detected by one client, unless it has one server; one
  // that uses the last one again, by a second client in between.
  MATRICULA_TRY(const std::string first, one.read_text(kProcess, deadline));
  MATRICULA_TRY(const std::string before, one.read_text(kProcess, deadline));
  if (before != first) {
    return true;
  }
  MATRICULA_CHECK(other.run_script("BEGIN", deadline));
  MATRICULA_TRY(const std::string between, other.read_text(kProcess, deadline));
  bool shares = between == before;
  if (!shares) {
    MATRICULA_TRY(const std::string after, one.read_text(kProcess, deadline));
    shares = after != before;
  }
  MATRICULA_CHECK(other.run_script("COMMIT", deadline));
  return shares;
}

}  // namespace matricula::storage::postgres
