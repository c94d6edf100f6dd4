#include "server/reload.h"

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

}  // namespace

void reload(const Reloadable& parts) {
  if (parts.tls) {
    report(parts.logger, "TLS files", parts.server.reload_tls());
  }
  if (parts.pipeline.has_trusted_documents()) {
    report(parts.logger, "trusted documents", parts.pipeline.reload_trusted_documents());
  }
  parts.issuer.reload_soon();
}

}  // namespace matricula::server
