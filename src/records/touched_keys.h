#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "records/row_state.h"

namespace matricula::records {

// A progress row of a company.
struct TouchedKey {
  std::string company;
  EntityId entity = EntityId::kProgramProgress;
  KeyTexts key;

  bool operator==(const TouchedKey&) const = default;
  // In place of <=>, in which clang-tidy 14 sees a null pointer.
  bool operator<(const TouchedKey& other) const {
    return std::tie(company, entity, key) < std::tie(other.company, other.entity, other.key);
  }
};

// Finds the progress rows that one transaction writes more than once: a Bloom filter of all rows,
// and a list of those that it had before. A row that was written once may be listed too; beyond
// kRetouchedMax, rows are not listed.
class TouchedKeys {
 public:
  void add(const TouchedKey& key);
  const std::set<TouchedKey>& repeated() const { return repeated_; }

 private:
  std::vector<std::uint64_t> filter_;  // made with the first key
  std::set<TouchedKey> repeated_;
};

}  // namespace matricula::records
