#include "http/parameters.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/escape.h"
#include "base/join.h"

namespace matricula::http {

Result<Parameters> Parameters::read(std::string_view query,
                                    std::span<const std::string_view> known) {
  Parameters parameters;
  MATRICULA_TRY(parameters.all_, parse_query(query));
  for (const QueryParameter& each : parameters.all_) {
    if (std::ranges::find(known, each.name) == known.end()) {
      return fail(ErrorCode::kBadUserInput, fmt::format("{} is not a parameter here; there are {}.",
                                                        json_string(each.name), joined(known)));
    }
  }
  return parameters;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &QueryParameter::name);
  return found == all_.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

Result<std::optional<std::int64_t>> Parameters::integer(std::string_view name, std::int64_t min,
                                                        std::int64_t max) const {
  const auto text = find(name);
  if (!text) {
    return std::optional<std::int64_t>();
  }
  std::int64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end || value < min || value > max) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("{} must be an integer from {} to {}; {} was given.", name, min, max,
                            json_string(*text)));
  }
  return std::optional(value);
}

Result<bool> Parameters::flag(std::string_view name) const {
  const auto text = find(name);
  if (!text || text == "0" || text == "false") {
    return false;
  }
  if (text == "1" || text == "true") {
    return true;
  }
  return fail(ErrorCode::kBadUserInput, fmt::format("{} must be 1, true, 0 or false; {} was given.",
                                                    name, json_string(*text)));
}

}  // namespace matricula::http
