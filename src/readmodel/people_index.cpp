#include "readmodel/people_index.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace matricula::readmodel {
namespace {

// Grams of a needle that are looked up; more of them would hardly be more selective.
constexpr std::size_t kNeedleGramsMax = 16;
// Checking the people of one block takes about as long as reading so many bytes of a list.
constexpr std::size_t kListBytesOfBlock = 500;

// The bytes of a gram as a number, its length above them.
std::uint32_t gram_of(std::string_view bytes) {
  auto gram = static_cast<std::uint32_t>(bytes.size());
  for (const char byte : bytes) {
    gram = gram << 8U | static_cast<unsigned char>(byte);
  }
  return gram;
}

void append_distance(std::uint32_t distance, std::string& out) {
  for (; distance >= 0x80; distance >>= 7U) {
    out += static_cast<char>(static_cast<unsigned char>(distance | 0x80U));
  }
  out += static_cast<char>(distance);
}

void read_list(std::string_view list, std::vector<std::uint32_t>& out) {
  out.clear();
  std::uint32_t block = 0;
  std::uint32_t distance = 0;
  unsigned shift = 0;
  for (const char each : list) {
    const auto byte = static_cast<unsigned char>(each);
    distance |= static_cast<std::uint32_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) != 0) {
      shift += 7;
      continue;
    }
    block += distance;
    out.push_back(block);
    distance = 0;
    shift = 0;
  }
}

// Collects the blocks of each gram, of the people from `begin` to `end`. A table over the bytes
// that occur finds a gram's list.
class GramCollector {
 public:
  GramCollector(const People& people, std::uint16_t slot, std::uint32_t begin, std::uint32_t end) {
    std::array<bool, 256> occurs = {};
    for (std::uint32_t i = begin; i < end; ++i) {
      for (const char byte : people.text(i, slot)) {
        occurs[static_cast<unsigned char>(byte)] = true;
      }
    }
    for (std::size_t byte = 0; byte < occurs.size(); ++byte) {
      number_of_[byte] = bytes_;
      bytes_ += occurs[byte] ? 1U : 0U;
    }
    pairs_.resize(std::size_t{bytes_} * bytes_);
    triples_.resize(std::size_t{bytes_} * bytes_ * bytes_);
    for (std::uint32_t i = begin; i < end; ++i) {
      add(people.text(i, slot), i / PeopleIndex::kBlock + 1);
    }
  }

  struct List {
    std::uint32_t gram = 0;
    std::string blocks = {};
  };
  std::vector<List>& lists() { return lists_; }

 private:
  struct Place {
    std::uint32_t list = 0;  // 0: none yet
    std::uint32_t last = 0;  // the last block, counted from 1
  };

  void add(std::string_view text, std::uint32_t block) {
    for (const char& byte : text) {
      note(singles_[static_cast<unsigned char>(byte)], {&byte, 1}, block);
    }
    for (std::size_t i = 0; i + 2 <= text.size(); ++i) {
      const std::string_view pair = text.substr(i, 2);
      if (pair[0] == '\n' || pair[1] == '\n') {
        continue;
      }
      const std::size_t at = std::size_t{number(pair[0])} * bytes_ + number(pair[1]);
      note(pairs_[at], pair, block);
      if (i + 3 <= text.size() && text[i + 2] != '\n') {
        note(triples_[at * bytes_ + number(text[i + 2])], text.substr(i, 3), block);
      }
    }
  }
  std::uint32_t number(char byte) const { return number_of_[static_cast<unsigned char>(byte)]; }
  void note(Place& place, std::string_view gram, std::uint32_t block) {
    if (place.last == block) {
      return;
    }
    if (place.list == 0) {
      lists_.push_back({.gram = gram_of(gram)});
      place.list = static_cast<std::uint32_t>(lists_.size());
    }
    append_distance(block - std::max(place.last, 1U), lists_[place.list - 1].blocks);
    place.last = block;
  }

  std::array<std::uint32_t, 256> number_of_ = {};
  std::uint32_t bytes_ = 0;
  std::array<Place, 256> singles_ = {};
  std::vector<Place> pairs_;
  std::vector<Place> triples_;
  std::vector<List> lists_;
};

}  // namespace

PeopleIndex::PeopleIndex(const People& people, std::uint16_t slot, std::uint32_t segment_blocks)
    : people_(people.size()), segment_blocks_(segment_blocks) {
  const std::uint32_t of_segment = segment_blocks * kBlock;
  for (std::uint32_t begin = 0; begin < people_; begin += of_segment) {
    segments_.push_back(
        make_segment(people, slot, begin, begin + std::min(people_ - begin, of_segment)));
  }
  count_rows(people, slot);
}

PeopleIndex::Segment PeopleIndex::make_segment(const People& people, std::uint16_t slot,
                                               std::uint32_t begin, std::uint32_t end) {
  GramCollector collector(people, slot, begin, end);
  auto& lists = collector.lists();
  std::ranges::sort(lists, {}, &GramCollector::List::gram);
  std::size_t bytes = 0;
  for (const auto& list : lists) {
    bytes += list.blocks.size();
  }
  Segment segment;
  segment.lists.reserve(bytes);
  segment.grams.reserve(lists.size() + 1);
  for (const auto& list : lists) {
    segment.grams.push_back(
        {.bytes = list.gram, .begin = static_cast<std::uint32_t>(segment.lists.size())});
    segment.lists += list.blocks;
  }
  segment.grams.push_back(
      {.bytes = UINT32_MAX, .begin = static_cast<std::uint32_t>(segment.lists.size())});
  return segment;
}

std::size_t PeopleIndex::bytes() const {
  std::size_t bytes = 0;
  for (const Segment& segment : segments_) {
    bytes += sizeof segment + segment.lists.capacity() + segment.grams.capacity() * sizeof(Gram);
  }
  return bytes;
}

void PeopleIndex::count_rows(const People& people, std::uint16_t slot) {
  for (std::uint32_t i = 0; i < people_; ++i) {
    std::array<bool, 256> has = {};
    for (const char byte : people.text(i, slot)) {
      const auto at = static_cast<unsigned char>(byte);
      rows_of_byte_[at] += has[at] ? 0 : people[i].rows;
      has[at] = true;
    }
  }
}

std::string_view PeopleIndex::Segment::list_of(std::uint32_t gram) const {
  const auto found = std::ranges::lower_bound(grams, gram, {}, &Gram::bytes);
  if (found == grams.end() || found->bytes != gram) {
    return {};
  }
  return std::string_view(lists).substr(found->begin, (found + 1)->begin - found->begin);
}

void PeopleIndex::find(std::string_view needle, std::uint32_t segment,
                       std::vector<std::uint32_t>& out) const {
  out.clear();
  const std::size_t size = std::min<std::size_t>(needle.size(), 3);
  std::vector<std::string_view> lists;
  for (std::size_t i = 0; i + size <= needle.size() && lists.size() < kNeedleGramsMax; ++i) {
    lists.push_back(segments_[segment].list_of(gram_of(needle.substr(i, size))));
    if (lists.back().empty()) {
      return;
    }
  }
  std::ranges::sort(lists, {}, &std::string_view::size);
  read_list(lists.front(), out);
  std::vector<std::uint32_t> other;
  std::vector<std::uint32_t> both;
  for (std::size_t i = 1; i < lists.size(); ++i) {
    if (lists[i].size() > out.size() * kListBytesOfBlock) {
      return;
    }
    read_list(lists[i], other);
    both.clear();
    std::ranges::set_intersection(out, other, std::back_inserter(both));
    std::swap(out, both);
  }
}

}  // namespace matricula::readmodel
