#include "base/processor_count.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/control_groups.h"

namespace matricula {
namespace {

// "max" and -1 are no number of microseconds.
std::optional<std::uint64_t> microseconds(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && number > 0 ? std::optional(number) : std::nullopt;
}

unsigned processors(std::string_view quota, std::string_view period) {
  const auto used = microseconds(quota);
  const auto of = microseconds(period);
  return used && of ? static_cast<unsigned>(std::min<std::uint64_t>((*used + *of - 1) / *of, 4'096))
                    : ~0U;
}

}  // namespace

unsigned processor_count(const std::string& root) {
  unsigned count = std::max(1U, std::thread::hardware_concurrency());
  // "200000 100000" of version 2.
  for (const std::string& line :
       control_lines(root, {.controller = "cpu", .version_2 = "cpu.max", .version_1 = "cpu.max"})) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    count = std::min(count,
                     processors(line.substr(0, blank),
                                std::string_view(line).substr(std::min(blank + 1, line.size()))));
  }
  // Two files of version 1.
  const auto lines = [&](const char* name) {
    return control_lines(root, {.controller = "cpu", .version_2 = name, .version_1 = name});
  };
  const std::vector<std::string> quotas = lines("cpu.cfs_quota_us");
  const std::vector<std::string> periods = lines("cpu.cfs_period_us");
  for (std::size_t i = 0; i < std::min(quotas.size(), periods.size()); ++i) {
    count = std::min(count, processors(quotas[i], periods[i]));
  }
  return count;
}

}  // namespace matricula
