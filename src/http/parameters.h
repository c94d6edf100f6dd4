#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/url.h"

namespace matricula::http {

// The parameters of a request's query. All errors are kBadUserInput and name the parameter.
class Parameters {
 public:
  // Fails on a query that cannot be decoded, a repeated name, and a name that is not among `known`.
  static Result<Parameters> read(std::string_view query, std::span<const std::string_view> known);

  // The value as it was given; nullopt where it was not. Borrowed from this object.
  std::optional<std::string_view> find(std::string_view name) const;
  // The value between the bounds, both included; nullopt where it was not given.
  Result<std::optional<std::int64_t>> integer(std::string_view name, std::int64_t min,
                                              std::int64_t max) const;
  // `1` or `true`, `0` or `false`; false where it was not given.
  Result<bool> flag(std::string_view name) const;

 private:
  std::vector<QueryParameter> all_;
};

}  // namespace matricula::http
