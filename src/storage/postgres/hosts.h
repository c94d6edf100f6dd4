#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/postgres/address.h"

namespace matricula::storage::postgres {

// One server that an address names: what libpq calls host, hostaddr and port; empty where the
// address leaves it to libpq.
struct Host {
  std::string host = {};
  std::string hostaddr = {};
  std::string port = {};
  std::string shown = {};  // for messages
};

// The servers of an address in its order: an entry for each host and, where a host is a name with
// several addresses, for each of them. libpq goes from one to the next by itself, but a program
// that polls has no time limit there: a server that takes the connection and says nothing would
// use up the time of all others. At most kHostsMax.
//
// Names are looked up on a thread of its own, at most until `limit` has passed; kUnavailable when
// no name could be looked up.
Result<std::vector<Host>> hosts_of(const Address& address, std::chrono::milliseconds limit);

}  // namespace matricula::storage::postgres
