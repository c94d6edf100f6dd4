#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace matricula::pipeline {

// What one loop counts of one endpoint; read by /metrics while the loop goes on counting.
struct EndpointMetrics {
  // Upper bounds of the latency histogram; the last bucket has none.
  static constexpr std::array<std::chrono::microseconds, 10> kBounds{
      std::chrono::microseconds(250),       std::chrono::microseconds(500),
      std::chrono::microseconds(1'000),     std::chrono::microseconds(2'500),
      std::chrono::microseconds(5'000),     std::chrono::microseconds(10'000),
      std::chrono::microseconds(50'000),    std::chrono::microseconds(250'000),
      std::chrono::microseconds(1'000'000), std::chrono::microseconds(10'000'000)};

  // In place of 503 for a request whose client had gone before it was looked at: the server was not
  // busy. Known from nginx; it is never sent.
  static constexpr int kClientGone = 499;
  // Statuses of refusals that are counted one by one: unknown callers, callers without the right,
  // rate limits, clients that had gone, a busy server.
  static constexpr std::array<int, 5> kRefusals{401, 403, 429, kClientGone, 503};

  std::array<std::atomic<std::uint64_t>, 6> by_status_class{};  // 1xx to 5xx at 1 to 5
  std::array<std::atomic<std::uint64_t>, kRefusals.size()> refused{};
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> latency{};
  std::atomic<std::uint64_t> latency_us{0};
  std::atomic<std::uint64_t> plan_hits{0};
  std::atomic<std::uint64_t> plan_misses{0};
  std::atomic<std::uint64_t> graphql_errors{0};

  void observe(int status, std::chrono::nanoseconds took) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took);
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && micros > kBounds[bucket]) {
      ++bucket;
    }
    by_status_class[static_cast<std::size_t>(status / 100)].fetch_add(1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < kRefusals.size(); ++i) {
      if (kRefusals[i] == status) {
        refused[i].fetch_add(1, std::memory_order_relaxed);
      }
    }
    latency[bucket].fetch_add(1, std::memory_order_relaxed);
    latency_us.fetch_add(static_cast<std::uint64_t>(micros.count()), std::memory_order_relaxed);
  }
};

// The metrics of all loops and endpoints.
class Metrics {
 public:
  Metrics(unsigned loops, std::size_t endpoints) : endpoints_(endpoints), all_(loops * endpoints) {}
  EndpointMetrics& of(unsigned loop, std::size_t endpoint) {
    return all_[loop * endpoints_ + endpoint];
  }
  const EndpointMetrics& of(unsigned loop, std::size_t endpoint) const {
    return all_[loop * endpoints_ + endpoint];
  }

 private:
  std::size_t endpoints_;
  std::vector<EndpointMetrics> all_;
};

}  // namespace matricula::pipeline
