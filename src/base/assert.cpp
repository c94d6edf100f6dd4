#include "base/assert.h"

#include <cstdlib>
#include <fmt/format.h>

#include "base/descriptor.h"

namespace matricula {
namespace {

constexpr std::chrono::milliseconds kPatience{1'000};

}  // namespace

void assertion_failed(const char* condition, const char* file, int line) {
  const std::string message = fmt::format("{}:{}: assertion failed: {}\n", file, line, condition);
  std::string_view rest = message;
  // The process ends whether or not anyone reads why.
  [[maybe_unused]] const Result<void> written = write_within(2, rest, kPatience);
  std::abort();
}

}  // namespace matricula
