#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "readmodel/snapshot.h"
#include "storage/database.h"
#include "storage/list_scope.h"

namespace matricula::readmodel {

// Makes the next snapshot from one and the changes since, in time proportional to the changes.
// After any failure the company must be loaded anew; the original snapshot is never changed. One
// thread at a time.
class SnapshotEditor {
 public:
  explicit SnapshotEditor(const Snapshot& base);
  // A row as it is now: a column for each source of the layout.
  Result<void> put(const storage::Rows& from);
  // Removes the row with this key; does nothing where there is none.
  void remove(const storage::Position& key);
  // Rows put or removed so far.
  std::size_t changes() const { return changes_; }
  // The new snapshot; nothing may be changed afterwards.
  std::shared_ptr<const Snapshot> finish();

 private:
  Result<std::uint32_t> resolve_person(const storage::Rows& from);
  bool is_same_person(std::uint32_t person) const;
  Result<std::uint64_t> label_of(std::string_view address) const;
  std::uint32_t code_of_text(std::uint16_t slot, std::string_view text);
  std::uint32_t own_text(std::uint16_t slot, std::string_view text, const std::byte* before);
  Result<std::uint8_t> make_row(const storage::Rows& from, std::uint32_t person,
                                const std::byte* before);
  void replace(std::uint32_t number, std::uint8_t code);
  void insert(std::uint8_t code);
  void index(std::size_t index, std::uint32_t number);
  void unindex(std::size_t index, std::uint32_t number);
  bool is_in(std::size_t index, const std::byte* row) const;
  std::uint32_t place_in(std::size_t index, const std::byte* row) const;
  void note_moved(std::uint32_t person);

  const Layout& layout_;
  std::shared_ptr<Snapshot> snapshot_;
  std::size_t changes_ = 0;
  std::vector<Dictionary*> grown_;                // by slot: those that are the editor's own
  std::map<std::string, std::uint32_t> renamed_;  // people who were added, by id
  storage::Position key_;                         // of the current row
  storage::Position target_;
  Person person_;  // of the current row
  std::vector<std::string_view> person_texts_;
  std::vector<std::byte> row_;  // as it is to be
  std::vector<std::uint32_t> joint_texts_;
};

}  // namespace matricula::readmodel
