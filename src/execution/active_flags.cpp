#include "execution/active_flags.h"

namespace matricula::execution {

ActiveFlags::ActiveFlags(const planning::Plan& plan, const graphql::Variables& variables)
    : flags_(plan.flags.size() + 1, true) {
  for (std::size_t i = 0; i < plan.flags.size(); ++i) {
    const planning::Flag& flag = plan.flags[i];
    const auto found = variables.find(flag.variable);
    const bool* value =
        found == variables.end() ? nullptr : std::get_if<bool>(&found->second.value);
    flags_[i + 1] = flags_[flag.parent] && value != nullptr && *value == flag.expected;
  }
}

}  // namespace matricula::execution
