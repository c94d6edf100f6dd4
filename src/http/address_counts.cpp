#include "http/address_counts.h"

#include "base/network.h"

namespace matricula::http {
namespace {

// Multicast, so never the network of a client.
constexpr std::uint64_t kIpv4Mark = 0xffff'ffff'0000'0000;

}  // namespace

std::uint64_t client_key(std::string_view address) {
  const auto network = client_network(address);
  if (!network) {
    return 0;
  }
  std::uint64_t key = 0;
  for (const std::uint8_t byte : client_bytes(*network)) {
    key = key << 8U | byte;
  }
  return is_ipv4(*network) ? kIpv4Mark | key : key;
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
