#include "gate/named_company.h"

#include <algorithm>

namespace matricula::gate {
namespace {

constexpr std::string_view kName = "X-Company-Id";

}  // namespace

std::optional<std::string_view> company_header(const http::Request& request) {
  const auto value = request.header(kName);
  return value && !value->empty() ? value : std::nullopt;
}

Result<std::optional<std::string_view>> named_company(const http::Request& request) {
  std::optional<std::string_view> named;
  for (const http::Header& header : request.headers) {
    if (!http::same_name(header.name, kName) || header.value.empty()) {
      continue;
    }
    if (named && *named != header.value) {
      return fail(ErrorCode::kBadUserInput,
                  "The request names two companies; send one X-Company-Id.");
    }
    named = header.value;
  }
  return named;
}

}  // namespace matricula::gate
