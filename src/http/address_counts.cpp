#include "http/address_counts.h"

#include "base/network.h"

namespace matricula::http {
namespace {

constexpr std::size_t kMappedStart = 12;  // of the IPv4 address in ::ffff:0:0/96
// Multicast, so never the network of a client.
constexpr std::uint64_t kIpv4Mark = 0xffff'ffff'0000'0000;

}  // namespace

std::uint64_t client_key(std::string_view address) {
  const auto network = parse_network(address);
  if (!network) {
    return 0;
  }
  const bool is_ipv4 = contains(*parse_network("::ffff:0:0/96"), address);
  std::uint64_t key = 0;
  const std::size_t start = is_ipv4 ? kMappedStart : 0;
  const std::size_t end = is_ipv4 ? network->address.size() : 8;
  for (std::size_t i = start; i < end; ++i) {
    key = key << 8U | network->address[i];
  }
  return is_ipv4 ? kIpv4Mark | key : key;
}

void AddressCounts::Slot::release() {
  if (counts_ != nullptr) {
    std::exchange(counts_, nullptr)->give_back(key_);
  }
}

AddressCounts::Slot AddressCounts::take(std::string_view address) {
  const std::uint64_t key = client_key(address);
  const std::lock_guard lock(mutex_);
  return {this, key, ++counts_[key]};
}

void AddressCounts::give_back(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key);
  if (--found->second == 0) {
    counts_.erase(found);
  }
}

}  // namespace matricula::http
