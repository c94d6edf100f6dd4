#pragma once

#include <optional>
#include <string_view>

namespace matricula::exchange {

// A number of a line that is too large to be read, and the member of the line's object that it is
// in, both as they are written.
struct LargeNumber {
  std::string_view member;
  std::string_view text;
};

// The first such number; nullopt where there is none. The line may be no JSON at all.
std::optional<LargeNumber> find_large_number(std::string_view line);

}  // namespace matricula::exchange
