#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::graphql {

// Which of `options` someone may have meant who wrote `input`: closest first, by the number of
// edits and then by name, digits compared as numbers; as graphql-js chooses them.
std::vector<std::string_view> suggestion_list(std::string_view input,
                                              std::span<const std::string_view> options);

// ` Did you mean "a", "b", or "c"?`, at most five; empty where there is nothing to suggest.
std::string did_you_mean(std::span<const std::string_view> suggestions, std::string_view what = {});

// Below zero when `left` comes first; runs of digits compare as numbers.
int natural_compare(std::string_view left, std::string_view right);

// The names of fields, arguments, values: anything that has one.
template <typename Items>
std::vector<std::string_view> names_of(const Items& items) {
  std::vector<std::string_view> names;
  names.reserve(items.size());
  for (const auto& item : items) {
    names.push_back(item.name);
  }
  return names;
}

}  // namespace matricula::graphql
