#include "http/access_log.h"

#include <string>

#include "http/url.h"

namespace matricula::http {
namespace {

std::string loggable_path(std::string_view path, std::span<const std::string> known_paths) {
  for (const std::string& known : known_paths) {
    if (path == known || without_slash(path) == known) {
      return known;
    }
    if (known.size() > 1 && known.ends_with('/') && path.starts_with(known)) {
      return known + "*";
    }
  }
  return "(other)";
}

}  // namespace

void log_request(Logger& logger, const RequestSummary& summary,
                 std::span<const std::string> known_paths) {
  const bool known_method = method_of(summary.method) != Method::kOther;
  logger.log(LogLevel::kInfo, "request",
             {{"method", known_method ? summary.method : "(other)"},
              {"path", loggable_path(summary.path, known_paths)},
              {"status", std::to_string(summary.status), true},
              {"durationUs", std::to_string(summary.duration.count()), true},
              {"bytes", std::to_string(summary.bytes_sent), true},
              {"client", summary.client},
              {"identity", summary.identity},
              {"requestId", summary.request_id}});
}

void report_request(const ServerConfig& config, Logger& logger, const RequestSummary& summary) {
  if (config.on_request) {
    config.on_request(summary);
  }
  if (config.access_log) {
    log_request(logger, summary, config.known_paths);
  }
}

}  // namespace matricula::http
