#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace matricula::exchange {

// Mixes numbers into one that looks random: the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast
// Splittable Pseudorandom Number Generators", 2014).
inline std::uint64_t mix(std::uint64_t value) {
  value += 0x9E37'79B9'7F4A'7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D0'49BB'1331'11EBU;
  return value ^ (value >> 31U);
}

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0) {
  return mix(mix(mix(a) ^ b) ^ c);
}

// A number for a text, the same everywhere: FNV-1a (Fowler, Noll, Vo).
inline std::uint64_t text_number(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3U;
  }
  return hash;
}

// SplitMix64 and a few distributions of our own: those of the standard library differ from one
// implementation to the next, and the same seed must give the same data everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // Random(state()) goes on from here.
  std::uint64_t state() const { return state_; }
  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15U;
    return mix(state_);
  }
  // 0 <= x < 1
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  bool chance(double probability) { return unit() < probability; }
  // 0 <= x < bound; bound is at least 1
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(last - first + 1)));
  }
  // Box and Muller, 1958.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - unit()));
    return radius * std::cos(2.0 * std::numbers::pi * unit());
  }
  double log_normal(double median, double sigma) { return median * std::exp(sigma * normal()); }
  // Days until a learner leaves: Weibull by inversion.
  double weibull(double scale, double shape) {
    return scale * std::pow(-std::log(1.0 - unit()), 1.0 / shape);
  }
  // 0 <= rank < count, Zipf with exponent 1 by inversion of its integral.
  std::uint64_t zipf(std::uint64_t count) {
    const double rank = std::pow(static_cast<double>(count) + 1.0, unit()) - 1.0;
    const auto whole = static_cast<std::uint64_t>(rank);
    return whole < count ? whole : count - 1;
  }
  template <typename T, std::size_t N>
  const T& pick(const T (&values)[N]) {
    return values[below(N)];
  }

 private:
  std::uint64_t state_;
};

}  // namespace matricula::exchange
