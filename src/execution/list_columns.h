#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text_hash.h"
#include "storage/memory_lists.h"

namespace matricula::execution {

// One column of a list: each row's value as JSON, in the order of the list. Immutable once shared.
struct JsonColumn {
  std::string key;                  // which one it is
  std::string text = {};            // the values, one behind the other, and room for kSlack bytes
  std::vector<std::size_t> ends{};  // of each row's value

  std::string_view value(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends[row - 1];
    return {text.data() + begin, ends[row] - begin};
  }
  std::size_t bytes() const { return text.capacity() + ends.capacity() * sizeof(std::size_t); }
};

// Columns of one list of one company, all of one state of its records. Immutable but for `used_at`.
struct ListColumns {
  storage::RecordsVersion version;
  std::size_t rows = 0;
  std::vector<std::shared_ptr<const JsonColumn>> columns = {};
  mutable std::atomic<std::int64_t> used_at{0};  // the second (Clock::monotonic()) of the last use

  // Null where there is none.
  std::shared_ptr<const JsonColumn> find(std::string_view key) const;
  std::size_t bytes() const;
};

// The columns of lists that are read whole, such as those of the catalog: each list in the newest
// state that was read. Bounded: the least recently used lists are evicted. Safe to use from any
// thread.
class ColumnCache {
 public:
  // Bytes of all lists. One list takes a quarter of them at most.
  explicit ColumnCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::uint64_t list_bytes_max() const { return bytes_max_ / 4; }
  // Null where there are none. Takes a lock.
  std::shared_ptr<const ListColumns> find(std::string_view list) const;
  // Puts columns there, unless those of a later state are there. Takes a lock.
  void put(std::string_view list, std::shared_ptr<const ListColumns> columns);
  std::uint64_t bytes() const;

 private:
  void make_room();

  const std::uint64_t bytes_max_;
  mutable std::mutex mutex_;
  std::uint64_t bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const ListColumns>, TextHash, std::equal_to<>>
      lists_;
};

}  // namespace matricula::execution
