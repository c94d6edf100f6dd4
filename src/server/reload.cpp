#include "server/reload.h"

#include "base/within_memory.h"

namespace matricula::server {
namespace {

void report(Logger& logger, std::string_view what, const Result<void>& done) {
  if (done) {
    logger.log(LogLevel::kInfo, "read again", {{"what", what}});
  } else {
    logger.log(
        LogLevel::kError, "could not be read again; what was in use before stays in use",
        {{"what", what}, {"error", done.error().message}, {"internal", done.error().internal}});
  }
}

// The other parts are read whatever becomes of this one.
template <typename Read>
void read_again(Logger& logger, std::string_view what, const Read& read) {
  Result<void> done;
  const bool has_memory = run_within_memory([&] { done = read(); });
  run_within_memory([&] {
    report(logger, what, has_memory ? done : fail(ErrorCode::kUnavailable, "memory ran out"));
  });
}

}  // namespace

void reload(const Reloadable& parts) {
  if (parts.tls) {
    read_again(parts.logger, "TLS files", [&] { return parts.server.reload_tls(); });
  }
  if (parts.pipeline.has_trusted_documents()) {
    read_again(parts.logger, "trusted documents",
               [&] { return parts.pipeline.reload_trusted_documents(); });
  }
  parts.issuer.reload_soon();
}

}  // namespace matricula::server
