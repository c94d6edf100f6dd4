#include "readmodel/dictionary.h"

#include <algorithm>

#include "base/escape.h"

namespace matricula::readmodel {

namespace {

std::string padded_json(std::string_view text) {
  std::string json = json_string(text);
  json.append(kSlack, '\0');
  return json;
}

}  // namespace

Dictionary::Dictionary() : texts_(1), json_{padded_json("")}, ranks_(1, 0) {}

std::vector<std::uint32_t>::const_iterator Dictionary::place(std::string_view text) const {
  return std::ranges::lower_bound(
      sorted_, text, {}, [&](std::uint32_t code) -> std::string_view { return texts_[code]; });
}

std::optional<std::uint32_t> Dictionary::find(std::string_view text) const {
  const auto found = place(text);
  return found != sorted_.end() && texts_[*found] == text ? std::optional(*found) : std::nullopt;
}

std::uint32_t Dictionary::add(std::string_view text) {
  const auto code = static_cast<std::uint32_t>(texts_.size());
  sorted_.insert(place(text), code);
  texts_.emplace_back(text);
  json_.push_back(padded_json(text));
  rank_all();
  return code;
}

void Dictionary::add_all(std::vector<std::string> texts) {
  for (std::string& text : texts) {
    sorted_.push_back(static_cast<std::uint32_t>(texts_.size()));
    json_.push_back(padded_json(text));
    texts_.push_back(std::move(text));
  }
  std::ranges::sort(sorted_, {},
                    [&](std::uint32_t code) -> std::string_view { return texts_[code]; });
  rank_all();
}

void Dictionary::rank_all() {
  ranks_.assign(texts_.size(), 0);
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    ranks_[sorted_[i]] = static_cast<std::uint32_t>(i + 1);
  }
}

std::size_t Dictionary::bytes() const {
  std::size_t total = 0;
  for (const std::string& text : texts_) {
    total += 2 * sizeof(std::string) + text.size() + kSlack + 2 * sizeof(std::uint32_t) +
             (text.capacity() > sizeof(std::string) / 2 - 1 ? text.capacity() + 1 : 0);
  }
  return total;
}

}  // namespace matricula::readmodel
