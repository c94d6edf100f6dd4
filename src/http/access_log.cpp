#include "http/access_log.h"

#include <string>

namespace matricula::http {
namespace {

constexpr std::size_t kLoggedPathMax = 1024;

}  // namespace

void log_request(Logger& logger, const RequestSummary& summary) {
  logger.log(LogLevel::kInfo, "request",
             {{"method", summary.method},
              {"path", summary.path.substr(0, kLoggedPathMax)},
              {"status", std::to_string(summary.status)},
              {"durationUs", std::to_string(summary.duration.count())},
              {"bytes", std::to_string(summary.bytes_sent)},
              {"requestId", summary.request_id}});
}

}  // namespace matricula::http
