#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace matricula::http {

// The client_network() of an address: 64 bits of IPv6, or an IPv4 address as bits that no such
// network has. 0 for other text.
std::uint64_t client_key(std::string_view address);

// How many connections each client address has; those of one client_network() count as one. Safe to
// call from any thread.
class AddressCounts {
 public:
  // One connection of an address, counted as long as this exists. `counts` must outlive it.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), key_(other.key_), count_(other.count_) {}
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { release(); }

    // How many the address had when this one was taken, this one included.
    std::size_t count() const { return count_; }
    // Gives the place back before this is destroyed.
    void release();

   private:
    friend class AddressCounts;
    Slot(AddressCounts* counts, std::uint64_t key, std::size_t count)
        : counts_(counts), key_(key), count_(count) {}

    AddressCounts* counts_ = nullptr;
    std::uint64_t key_ = 0;
    std::size_t count_ = 0;
  };

  // `address` is IPv4 or IPv6 text; other text counts as one address.
  Slot take(std::string_view address);

 private:
  void give_back(std::uint64_t key);

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace matricula::http
