#include "storage/people_block.h"

#include <algorithm>
#include <array>

#include "storage/limits.h"

namespace matricula::storage {
namespace {

constexpr std::size_t kGramBytesMax = 3;
constexpr std::string_view kEscaped = "\n\x04\x05\x06";
constexpr std::array<std::string_view, 4> kEscapes = {"\x04\x05\x05", "\x04\x05\x06",
                                                      "\x04\x06\x05", "\x04\x06\x06"};

void append_number(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
  }
}

std::uint32_t number_at(std::string_view bytes, std::size_t place) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[place + i])) << (8 * i);
  }
  return value;
}

// The length is in the bits above the bytes, so that no two grams have one number.
Gram gram_of(std::string_view bytes) {
  Gram gram = static_cast<Gram>(bytes.size());
  for (const char byte : bytes) {
    gram = gram << 8 | static_cast<unsigned char>(byte);
  }
  return gram;
}

// Calls `take` with each block of a set until it returns false.
template <typename Take>
void each_block(Bytes bytes, const Take& take) {
  std::uint32_t block = 0;
  std::uint32_t distance = 0;
  unsigned shift = 0;
  for (const std::byte byte : bytes) {
    const auto value = static_cast<std::uint32_t>(byte);
    distance |= (value & 0x7FU) << shift;
    shift = (value & 0x80U) != 0 && shift < 28 ? shift + 7 : 0;
    if (shift == 0) {
      block += distance;
      distance = 0;
      if (!take(block)) {
        return;
      }
    }
  }
}

}  // namespace

void append_search_part(std::string_view part, std::string& out) {
  for (const char c : part) {
    if (const std::size_t place = kEscaped.find(c); place != std::string_view::npos) {
      out += kEscapes[place];
    } else {
      out += c;
    }
  }
}

std::string read_search_part(std::string_view escaped) {
  std::string part;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const auto* const found = std::ranges::find(kEscapes, escaped.substr(i, 3));
    if (found == kEscapes.end()) {
      part += escaped[i];
      continue;
    }
    part += kEscaped[static_cast<std::size_t>(found - kEscapes.begin())];
    i += 2;
  }
  return part;
}

std::string FiledPerson::email_key() const {
  return read_search_part(std::string_view(search).substr(0, search.find('\n')));
}

std::string write_people_block(std::span<const FiledPerson> people) {
  std::string out;
  append_number(out, static_cast<std::uint32_t>(people.size()));
  for (const FiledPerson& person : people) {
    out += person.id;
  }
  std::uint32_t end = 0;
  for (const FiledPerson& person : people) {
    end += static_cast<std::uint32_t>(person.search.size() + 1);
    append_number(out, end);
  }
  for (const FiledPerson& person : people) {
    out.append(person.search).append("\n");
  }
  return out;
}

std::optional<PeopleBlock> PeopleBlock::read(Bytes bytes) {
  const std::string_view all = as_text(bytes);
  if (all.size() < 4) {
    return std::nullopt;
  }
  const std::size_t count = number_at(all, 0);
  if ((all.size() - 4) / (kPersonIdBytes + 4) < count) {
    return std::nullopt;
  }
  PeopleBlock block;
  block.ids_ = all.substr(4, count * kPersonIdBytes);
  block.texts_ = all.substr(4 + count * (kPersonIdBytes + 4));
  block.ends_.reserve(count);
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t end = number_at(all, 4 + count * kPersonIdBytes + 4 * i);
    if (end <= before || end > block.texts_.size()) {
      return std::nullopt;
    }
    block.ends_.push_back(end);
    before = end;
  }
  return block;
}

std::string_view PeopleBlock::id(std::size_t place) const {
  return ids_.substr(place * kPersonIdBytes, kPersonIdBytes);
}

std::string_view PeopleBlock::search(std::size_t place) const {
  const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
  return texts_.substr(begin, ends_[place] - begin - 1);
}

void PeopleBlock::find(std::string_view needle, std::vector<std::size_t>& places) const {
  for (std::size_t at = texts_.find(needle); at != std::string_view::npos;
       at = texts_.find(needle, at)) {
    const auto end = std::ranges::upper_bound(ends_, static_cast<std::uint32_t>(at));
    if (end == ends_.end()) {
      return;
    }
    places.push_back(static_cast<std::size_t>(end - ends_.begin()));
    at = *end;
  }
}

void append_grams(std::string_view search, std::vector<Gram>& out) {
  while (!search.empty()) {
    const std::size_t end = std::min(search.find('\n'), search.size());
    const std::string_view line = search.substr(0, end);
    for (std::size_t size = 1; size <= kGramBytesMax; ++size) {
      for (std::size_t i = 0; i + size <= line.size(); ++i) {
        out.push_back(gram_of(line.substr(i, size)));
      }
    }
    search.remove_prefix(std::min(end + 1, search.size()));
  }
}

std::vector<Gram> needle_grams(std::string_view needle) {
  std::vector<Gram> grams;
  const std::size_t size = std::min(needle.size(), kGramBytesMax);
  for (std::size_t i = 0; i + size <= needle.size() && grams.size() < kNeedleGramsMax; ++i) {
    grams.push_back(gram_of(needle.substr(i, size)));
  }
  std::ranges::sort(grams);
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

std::string write_block_set(std::span<const std::uint32_t> ascending) {
  std::string out;
  std::uint32_t before = 0;
  for (const std::uint32_t block : ascending) {
    std::uint32_t distance = block - before;
    for (; distance >= 0x80; distance >>= 7U) {
      out += static_cast<char>(static_cast<unsigned char>(distance | 0x80U));
    }
    out += static_cast<char>(distance);
    before = block;
  }
  return out;
}

std::vector<std::uint32_t> read_block_set(Bytes bytes) {
  std::vector<std::uint32_t> blocks;
  blocks.reserve(bytes.size());
  each_block(bytes, [&](std::uint32_t block) {
    blocks.push_back(block);
    return true;
  });
  return blocks;
}

void keep_common_blocks(Bytes set, std::vector<std::uint32_t>& blocks) {
  auto next = blocks.begin();
  auto kept = blocks.begin();
  each_block(set, [&](std::uint32_t block) {
    while (next != blocks.end() && *next < block) {
      ++next;
    }
    if (next != blocks.end() && *next == block) {
      *kept++ = *next++;
    }
    return next != blocks.end();
  });
  blocks.erase(kept, blocks.end());
}

}  // namespace matricula::storage
