#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/text_hash.h"
#include "readmodel/snapshot.h"
#include "storage/database.h"

namespace matricula::readmodel {

// The number of the combination of texts in a snapshot's `codes`, which gets a new one where there
// is none. Fails with kLimitExceeded where there are too many for a byte.
Result<std::uint8_t> code_of(Snapshot& snapshot, const std::vector<std::uint32_t>& texts);

// Builds the first snapshot of a company from all its rows. One thread at a time.
class SnapshotBuilder {
 public:
  // `layout` must outlive the snapshot.
  explicit SnapshotBuilder(const Layout& layout);
  // Adds the next row in the layout's reading order; a column for each source. Fails where the row
  // cannot be kept.
  Result<void> add(const storage::Rows& from);
  // The estimated size of the snapshot with the rows so far.
  std::size_t bytes() const;
  // The finished snapshot; no row may be added afterwards. Fails where rows did not come in order.
  Result<std::shared_ptr<const Snapshot>> finish();

 private:
  using Codes = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;
  struct SortItem {
    std::uint64_t key = 0;
    std::uint32_t tie = 0;
    std::uint32_t row = 0;
  };

  struct IdHash {
    std::size_t operator()(const std::array<std::byte, 16>& id) const {
      return load<std::uint64_t>(id.data());
    }
  };

  Result<std::uint32_t> person_of_row(const storage::Rows& from);
  Result<std::uint32_t> text_of_row(const Source& source, const storage::Rows& from,
                                    unsigned column);
  std::uint32_t own_text(std::uint16_t slot, std::string_view text);
  void make_dictionaries();
  Result<void> check_reading_order() const;
  std::vector<std::uint32_t> people_by_address() const;
  void arrange_by_address();
  void make_key_index();
  void make_index(std::size_t index);
  void sort_by(std::size_t index);
  std::uint64_t sort_key(const Source& source, const std::byte* row) const;

  const Layout& layout_;
  std::shared_ptr<Snapshot> snapshot_;
  // By slot: the codes of texts, and of own texts those that were seen, up to a number.
  std::vector<Codes> codes_;
  // People by id, where the rows of one person are not neighbours.
  std::unordered_map<std::array<std::byte, 16>, std::uint32_t, IdHash> people_;
  std::vector<std::uint32_t> joint_texts_;
  std::vector<std::string_view> person_texts_;
  std::vector<SortItem> items_;
  std::vector<std::uint32_t> key_ranks_;  // of each row
  std::vector<std::uint32_t> sorted_;
};

}  // namespace matricula::readmodel
