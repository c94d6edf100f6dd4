#include <cstdint>
#include <string_view>

#include "json/value.h"

// Any bytes are read or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value =
      matricula::json::read(std::string_view(reinterpret_cast<const char*>(data), size));
  return value.has_value() ? 0 : 0;
}
