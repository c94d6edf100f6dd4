#pragma once

#include <cstddef>
#include <vector>

#include "graphql/validation/context.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.5.2.2: no fragment spreads itself, directly or through others. Keeps the
// fragments that it has visited, so each spread is followed once.
class NoFragmentCycles {
 public:
  explicit NoFragmentCycles(Context& context) : context_(context) {}

  void enter(const Definition& fragment);

 private:
  void follow(const Selection& spread);

  Context& context_;
  NameIndex visited_;
  std::vector<const Selection*> path_;    // spreads on the way here
  std::vector<std::size_t> path_starts_;  // by number in visited_: where it is on the path
};

}  // namespace matricula::graphql::rules
