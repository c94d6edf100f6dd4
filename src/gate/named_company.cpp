#include "gate/named_company.h"

#include <algorithm>

namespace matricula::gate {
namespace {

constexpr std::string_view kName = "X-Company-Id";

// Whether the field names a company: a variable that is not set makes an empty one.
bool names_company(const http::Header& field) {
  return http::same_name(field.name, kName) && !field.value.empty();
}

}  // namespace

std::optional<std::string_view> company_header(const http::Request& request) {
  const auto field = std::ranges::find_if(request.headers, names_company);
  return field == request.headers.end() ? std::nullopt
                                        : std::optional<std::string_view>(field->value);
}

Result<std::optional<std::string_view>> named_company(const http::Request& request) {
  std::optional<std::string_view> named;
  for (const http::Header& header : request.headers) {
    if (!names_company(header)) {
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
