#include "server/reload.h"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace matricula::server {
namespace {

using Terminals = std::array<bool, 3>;

// Which of the standard descriptors are a terminal that is still there.
Terminals terminals() {
  return {::isatty(0) == 1, ::isatty(1) == 1, ::isatty(2) == 1};
}

bool is_any_gone(const Terminals& before) {
  const Terminals now = terminals();
  return !std::ranges::equal(before, now);
}

void report(Logger& logger, std::string_view what, const Result<void>& done) {
  if (done) {
    logger.log(LogLevel::kInfo, "read again", {{"what", what}});
  } else {
    logger.log(
        LogLevel::kError, "could not be read again; what was in use before stays in use",
        {{"what", what}, {"error", done.error().message}, {"internal", done.error().internal}});
  }
}

void reload(const Reloadable& parts) {
  if (parts.tls) {
    report(parts.logger, "TLS files", parts.server.reload_tls());
  }
  if (parts.pipeline.has_trusted_documents()) {
    report(parts.logger, "trusted documents", parts.pipeline.reload_trusted_documents());
  }
  parts.issuer.reload_soon();
}

}  // namespace

int wait_for_end(const sigset_t& signals, const Reloadable& parts) {
  const Terminals before = terminals();
  int received = 0;
  while (true) {
    sigwait(&signals, &received);
    if (received != SIGHUP || is_any_gone(before)) {
      return received;
    }
    reload(parts);
  }
}

}  // namespace matricula::server
