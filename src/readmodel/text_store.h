#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::readmodel {

// Texts by number, counted from 1: 0 stands for null. Texts only come; copies share what they hold.
class TextStore {
 public:
  // Has kSlack readable bytes behind it.
  std::string_view text(std::uint32_t number) const {
    const Entry& entry = entry_of(number);
    return {chunks_[number / kChunk]->arena.data() + entry.begin, entry.size()};
  }
  // Whether the text is the same inside of a JSON string.
  bool is_plain(std::uint32_t number) const { return entry_of(number).is_plain(); }
  // The number of a further text.
  std::uint32_t add(std::string_view text);
  std::uint32_t size() const { return size_; }
  // To be called for a copy before texts are added to it.
  void set_shared() { shared_chunks_ = chunks_.size(); }
  // Gives back the room that the last texts do not need.
  void shrink_last();
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kChunk = 256;
  struct Entry {
    static constexpr std::uint32_t kPlain = std::uint32_t{1} << 31U;
    std::uint32_t begin = 0;
    std::uint32_t size_and_plain = 0;
    std::uint32_t size() const { return size_and_plain & ~kPlain; }
    bool is_plain() const { return (size_and_plain & kPlain) != 0; }
  };
  struct Chunk {
    std::vector<Entry> entries;
    std::string arena;  // with kSlack bytes more
  };
  const Entry& entry_of(std::uint32_t number) const {
    return chunks_[number / kChunk]->entries[number % kChunk];
  }

  std::uint32_t size_ = 1;
  std::vector<std::shared_ptr<Chunk>> chunks_;  // all full but the last; the first begins with null
  std::size_t shared_chunks_ = 0;               // the first ones, which are not written to
};

// Whether a text is the same inside of a JSON string.
bool is_plain_json(std::string_view text);

}  // namespace matricula::readmodel
