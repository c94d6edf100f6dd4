#pragma once

#include <cstddef>

namespace matricula::http {

// How many connections may be open at once.
struct ConnectionBounds {
  std::size_t connections = 0;  // that are served
  std::size_t of_address = 0;   // of them, of one address
  std::size_t refusals = 0;     // beyond them, that are answered 503

  bool operator==(const ConnectionBounds&) const = default;
};

// As many connections as configured, and no more than leave descriptors to the rest of the program:
// the store, the log and whatever else is opened later. `of_address_max` 0 means three quarters.
ConnectionBounds bound_connections(std::size_t connections_max, std::size_t of_address_max,
                                   std::size_t free_descriptors);

// How many more descriptors this process may open.
std::size_t free_descriptors();

}  // namespace matricula::http
