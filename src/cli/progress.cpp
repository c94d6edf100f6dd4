#include "cli/progress.h"

#include <cstdlib>
#include <fmt/format.h>

namespace matricula::cli {

using SteadyClock = std::chrono::steady_clock;

namespace {

// Whether the terminal understands escape sequences; that of an editor often does not.
bool can_erase_lines() {
  const char* const kind = std::getenv("TERM");
  return kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb";
}

}  // namespace

Progress::Progress(Messages& messages, bool quiet)
    : messages_(messages),
      quiet_(quiet),
      in_place_(messages.is_terminal() && can_erase_lines()),
      began_(SteadyClock::now()),
      last_(began_),
      seen_(began_) {}

void Progress::report(std::string_view what, std::uint64_t rows, std::uint64_t done,
                      std::uint64_t total, bool is_last) {
  const auto now = SteadyClock::now();
  if (what != what_) {
    what_ = what;
    began_ = seen_;  // the previous work ended then
    last_ = now;
  }
  seen_ = now;
  const auto pause = in_place_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1'000);
  if (quiet_ || (!is_last && now - last_ < pause)) {
    return;
  }
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = seconds > 0 ? static_cast<double>(rows) / seconds : 0;
  std::string line = fmt::format("{}: {} rows, {:.0f} a second", what, rows, rate);
  if (!is_last && total > done && done > 0) {
    line += fmt::format(", {:.0f} s left",
                        seconds * static_cast<double>(total - done) / static_cast<double>(done));
  }
  [[maybe_unused]] const Result<void> written = messages_.write(
      fmt::format("{}{}{}", in_place_ ? "\r\x1b[K" : "", line, in_place_ && !is_last ? "" : "\n"));
}

}  // namespace matricula::cli
