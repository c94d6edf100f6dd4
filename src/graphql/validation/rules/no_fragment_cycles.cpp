#include "graphql/validation/rules/no_fragment_cycles.h"

#include <fmt/format.h>

namespace matricula::graphql::rules {

namespace {

constexpr std::size_t kNotOnPath = SIZE_MAX;

}  // namespace

void NoFragmentCycles::enter(const Definition& fragment) {
  if (!context_.may_descend(path_.size(), fragment.offset)) {
    return;
  }
  const std::size_t known = visited_.size();
  const std::uint32_t number = visited_.add(fragment.name.value);
  if (number != known) {
    return;
  }
  path_starts_.push_back(path_.size());
  for (const Selection* const spread : context_.spreads(fragment)) {
    if (context_.is_stopped()) {
      break;
    }
    path_.push_back(spread);
    follow(*spread);
    path_.pop_back();
  }
  path_starts_[number] = kNotOnPath;
}

void NoFragmentCycles::follow(const Selection& spread) {
  const std::uint32_t number = visited_.find(spread.name.value);
  if (number == NameIndex::kNone || path_starts_[number] == kNotOnPath) {
    if (const Definition* const fragment = context_.fragment(spread.name.value)) {
      enter(*fragment);
    }
    return;
  }
  std::string via;
  std::vector<Offset> places;
  for (std::size_t i = path_starts_[number]; i < path_.size(); ++i) {
    if (i + 1 < path_.size()) {
      via += fmt::format("{}\"{}\"", via.empty() ? " via " : ", ", path_[i]->name.value);
    }
    places.push_back(path_[i]->offset);
  }
  context_.report(
      fmt::format(R"(Cannot spread fragment "{}" within itself{}.)", spread.name.value, via),
      std::move(places));
}

}  // namespace matricula::graphql::rules
