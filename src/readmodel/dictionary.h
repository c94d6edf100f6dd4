#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/wide_copy.h"

namespace matricula::readmodel {

// The distinct texts of one column. Codes count from 1 and never change; ranks are in the order of
// the texts' bytes. A copy may grow without the original. Code 0 is null, with rank 0.
class Dictionary {
 public:
  Dictionary();
  std::optional<std::uint32_t> find(std::string_view text) const;
  // The code of a text that find() does not know. Ranks of others change, their order does not.
  std::uint32_t add(std::string_view text);
  // Adds many texts at once that it does not hold, codes in their sequence.
  void add_all(std::vector<std::string> texts);
  std::string_view text(std::uint32_t code) const { return texts_[code]; }
  // The text as a JSON string, with kSlack readable bytes behind it.
  std::string_view json(std::uint32_t code) const {
    const std::string& padded = json_[code];
    return {padded.data(), padded.size() - kSlack};
  }
  std::uint32_t rank(std::uint32_t code) const { return ranks_[code]; }
  // The number of codes, null included.
  std::size_t size() const { return texts_.size(); }
  std::size_t bytes() const;

 private:
  std::vector<std::uint32_t>::const_iterator place(std::string_view text) const;
  void rank_all();

  std::vector<std::string> texts_;  // by code
  std::vector<std::string> json_;
  std::vector<std::uint32_t> ranks_;
  std::vector<std::uint32_t> sorted_;  // codes by text, without null
};

}  // namespace matricula::readmodel
