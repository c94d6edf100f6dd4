#include "portal/search.h"

#include <fmt/format.h>
#include <limits>

#include "base/text.h"

namespace matricula::portal {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

Result<SearchQuery> read_search_query(const http::Parameters& parameters) {
  constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
  MATRICULA_TRY(const auto before, parameters.integer("before", 1, kNumberMax));
  MATRICULA_TRY(SearchWords words, SearchWords::read(parameters));
  return SearchQuery{.before = before.value_or(kNumberMax), .words = std::move(words)};
}

Result<SearchWords> SearchWords::read(const http::Parameters& parameters) {
  SearchWords words;
  const auto text = parameters.find("q");
  if (!text) {
    return words;
  }
  if (text->size() > kSearchBytesMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("q may have at most {} bytes.", kSearchBytesMax));
  }
  const std::string lower = to_lower(*text);
  std::size_t begin = lower.find_first_not_of(kBlanks);
  while (begin != std::string::npos) {
    const std::size_t end = lower.find_first_of(kBlanks, begin);
    words.words_.push_back(lower.substr(begin, end - begin));
    begin = lower.find_first_not_of(kBlanks, end);
  }
  return words;
}

bool SearchWords::match(std::initializer_list<std::string_view> cells,
                        std::initializer_list<std::string_view> ids) const {
  std::string text;
  for (const std::string_view cell : cells) {
    text += cell;
    text += '\n';
  }
  const std::string lower = to_lower(text);
  return std::ranges::all_of(words_, [&](const std::string& word) {
    return lower.find(word) != std::string::npos || std::ranges::find(ids, word) != ids.end();
  });
}

}  // namespace matricula::portal
