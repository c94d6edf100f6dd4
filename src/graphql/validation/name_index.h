#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace matricula::graphql {

// Numbers names in the order of their first appearance. The few names of most documents are
// compared in a row; more of them go to a hash table, so that no document makes this quadratic.
class NameIndex {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t find(std::string_view name) const {
    if (names_.size() > kRowMax) {
      const auto found = table_.find(name);
      return found == table_.end() ? kNone : found->second;
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) {
        return static_cast<std::uint32_t>(i);
      }
    }
    return kNone;
  }

  // The number of the name, which is size() - 1 afterwards when it is new.
  std::uint32_t add(std::string_view name) {
    const std::uint32_t known = find(name);
    if (known != kNone) {
      return known;
    }
    const auto number = static_cast<std::uint32_t>(names_.size());
    names_.push_back(name);
    if (names_.size() == kRowMax + 1) {
      for (std::uint32_t i = 0; i <= number; ++i) {
        table_.emplace(names_[i], i);
      }
    } else if (names_.size() > kRowMax) {
      table_.emplace(name, number);
    }
    return number;
  }

  std::size_t size() const { return names_.size(); }
  std::string_view name(std::uint32_t number) const { return names_[number]; }

 private:
  static constexpr std::size_t kRowMax = 16;

  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, std::uint32_t> table_;
};

}  // namespace matricula::graphql
