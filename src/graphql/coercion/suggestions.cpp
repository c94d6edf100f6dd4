#include "graphql/coercion/suggestions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.h"
#include "graphql/language/characters.h"

namespace matricula::graphql {

namespace {

constexpr std::size_t kSuggestionsMax = 5;
// No name of the schema is that long, so none is meant; the table of distances stays small.
constexpr std::size_t kInputMax = 256;

std::u16string utf16(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char32_t point = code_point_at(text, i);
    i += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (point < 0x10000) {
      units += static_cast<char16_t>(point);
    } else {
      units += static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return units;
}

// The Damerau-Levenshtein distance (optimal string alignment) without regard to case; a difference
// in case alone counts one.
class LexicalDistance {
 public:
  explicit LexicalDistance(std::string_view input)
      : input_(input), units_(utf16(to_lower(input))) {}

  std::size_t threshold() const { return utf16_length(input_) * 2 / 5 + 1; }

  std::optional<std::size_t> measure(std::string_view option) {
    if (option == input_) {
      return 0;
    }
    std::u16string a = utf16(to_lower(option));
    if (a == units_) {
      return 1;
    }
    const std::u16string& longer = a.size() < units_.size() ? units_ : a;
    const std::u16string& shorter = a.size() < units_.size() ? a : units_;
    return longer.size() - shorter.size() > threshold() ? std::nullopt : edits(longer, shorter);
  }

 private:
  std::optional<std::size_t> edits(const std::u16string& a, const std::u16string& b) {
    for (auto& row : rows_) {
      row.assign(b.size() + 1, 0);
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
      rows_[0][j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const auto& up = rows_[(i - 1) % 3];
      auto& row = rows_[i % 3];
      std::size_t smallest = row[0] = i;
      for (std::size_t j = 1; j <= b.size(); ++j) {
        const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
        row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + cost});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
          row[j] = std::min(row[j], rows_[(i - 2) % 3][j - 2] + 1);
        }
        smallest = std::min(smallest, row[j]);
      }
      if (smallest > threshold()) {
        return std::nullopt;
      }
    }
    const std::size_t distance = rows_[a.size() % 3][b.size()];
    return distance <= threshold() ? std::optional(distance) : std::nullopt;
  }

  std::string_view input_;
  std::u16string units_;
  std::array<std::vector<std::size_t>, 3> rows_;
};

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Reads a number; leading zeros end it, as they do in graphql-js.
double take_number(std::string_view text, std::size_t& at) {
  double number = 0;
  do {
    number = number * 10 + (text[at] - '0');
    ++at;
  } while (is_digit(text, at) && number > 0);
  return number;
}

}  // namespace

int natural_compare(std::string_view left, std::string_view right) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < left.size() && j < right.size()) {
    if (is_digit(left, i) && is_digit(right, j)) {
      const double left_number = take_number(left, i);
      const double right_number = take_number(right, j);
      if (left_number != right_number) {
        return left_number < right_number ? -1 : 1;
      }
    } else if (left[i] != right[j]) {
      return left[i] < right[j] ? -1 : 1;
    } else {
      ++i;
      ++j;
    }
  }
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

std::vector<std::string_view> suggestion_list(std::string_view input,
                                              std::span<const std::string_view> options) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  if (input.size() <= kInputMax) {
    LexicalDistance distance(input);
    for (const std::string_view option : options) {
      if (const auto edits = distance.measure(option)) {
        near.emplace_back(*edits, option);
      }
    }
  }
  std::sort(near.begin(), near.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : natural_compare(a.second, b.second) < 0;
  });
  std::vector<std::string_view> suggestions;
  for (const auto& [edits, option] : near) {
    // The same name may be known twice: by the schema and by the document.
    if (suggestions.empty() || suggestions.back() != option) {
      suggestions.push_back(option);
    }
  }
  return suggestions;
}

std::string did_you_mean(std::span<const std::string_view> suggestions, std::string_view what) {
  if (suggestions.empty()) {
    return {};
  }
  std::string text = " Did you mean ";
  if (!what.empty()) {
    text.append(what).append(" ");
  }
  const std::size_t count = std::min(suggestions.size(), kSuggestionsMax);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) {
      text += count == 2 ? " or " : i + 1 == count ? ", or " : ", ";
    }
    text.append("\"").append(suggestions[i]).append("\"");
  }
  return text + "?";
}

}  // namespace matricula::graphql
