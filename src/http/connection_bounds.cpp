#include "http/connection_bounds.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <sys/resource.h>
#include <system_error>

namespace matricula::http {
namespace {

constexpr std::size_t kDescriptorsKept = 64;
constexpr std::size_t kRefusalsMax = 256;

}  // namespace

ConnectionBounds bound_connections(std::size_t connections_max, std::size_t of_address_max,
                                   std::size_t free_descriptors) {
  ConnectionBounds bounds{.connections = connections_max, .refusals = kRefusalsMax};
  const std::size_t usable = free_descriptors - std::min(kDescriptorsKept, free_descriptors / 2);
  if (usable < connections_max + kRefusalsMax) {
    bounds.refusals = std::min(kRefusalsMax, usable / 8);
    bounds.connections = std::clamp<std::size_t>(usable - bounds.refusals, 1, connections_max);
  }
  const std::size_t share = std::max<std::size_t>(1, bounds.connections - bounds.connections / 4);
  bounds.of_address = of_address_max == 0 ? share : of_address_max;
  return bounds;
}

std::size_t free_descriptors() {
  rlimit limit{};
  std::error_code error;
  const std::filesystem::directory_iterator open("/proc/self/fd", error);
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || error) {
    return std::numeric_limits<std::size_t>::max();
  }
  const auto used = static_cast<std::size_t>(std::distance(begin(open), end(open)));
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

}  // namespace matricula::http
