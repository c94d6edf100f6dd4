#pragma once

#include <vector>

#include "graphql/coercion/input.h"
#include "planning/plan.h"

namespace matricula::execution {

// Which flags of a plan hold for one request's variables.
class ActiveFlags {
 public:
  ActiveFlags(const planning::Plan& plan, const graphql::Variables& variables);
  bool holds(const planning::Activation& when) const {
    if (when.flag != planning::kAlways && !flags_[when.flag]) {
      return false;
    }
    for (const planning::FlagId other : when.unless) {
      if (flags_[other]) {
        return false;
      }
    }
    return true;
  }

 private:
  std::vector<bool> flags_;
};

}  // namespace matricula::execution
