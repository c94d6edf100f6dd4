#include "http/access_log.h"

#include <algorithm>
#include <string>

namespace matricula::http {
namespace {

std::string_view loggable_path(const RequestSummary& summary,
                               std::span<const std::string> known_paths) {
  if (std::find(known_paths.begin(), known_paths.end(), summary.path) != known_paths.end()) {
    return summary.path;
  }
  if (summary.path.starts_with("/c/")) {
    return "/c/*";
  }
  return summary.status < 400 ? summary.path : "(other)";
}

}  // namespace

void log_request(Logger& logger, const RequestSummary& summary,
                 std::span<const std::string> known_paths) {
  const bool known_method = method_of(summary.method) != Method::kOther;
  logger.log(LogLevel::kInfo, "request",
             {{"method", known_method ? summary.method : "(other)"},
              {"path", loggable_path(summary, known_paths)},
              {"status", std::to_string(summary.status)},
              {"durationUs", std::to_string(summary.duration.count())},
              {"bytes", std::to_string(summary.bytes_sent)},
              {"requestId", summary.request_id}});
}

}  // namespace matricula::http
