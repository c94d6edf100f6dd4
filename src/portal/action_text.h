#pragma once

#include <string_view>

namespace matricula::portal {

// An action of the audit trail in words, such as `Created a token`; as it is where it has none.
std::string_view action_text(std::string_view action);

}  // namespace matricula::portal
