#include "base/log_flood.h"

#include <fmt/format.h>
#include <utility>

namespace matricula {
namespace {

constexpr std::chrono::seconds kSecond{1};

}  // namespace

FloodGuard::~FloodGuard() {
  for (auto& [message, second] : seconds_) {
    report(message, second);
  }
}

void FloodGuard::log(LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) {
  if (level < LogLevel::kWarning || admit(level, message)) {
    logger_.log(level, message, fields);
  }
}

bool FloodGuard::admit(LogLevel level, std::string_view message) {
  const auto now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  auto found = seconds_.find(message);
  if (found == seconds_.end()) {
    if (seconds_.size() == kMessagesMax) {
      return true;
    }
    found = seconds_.emplace(message, Second{.began = now, .level = level}).first;
  }
  Second& second = found->second;
  if (now - second.began >= kSecond) {
    report(found->first, second);
    second = {.began = now, .level = level};
  }
  if (second.lines == kLinesPerSecond) {
    ++second.held_back;
    return false;
  }
  ++second.lines;
  return true;
}

void FloodGuard::report_held_back() {
  const auto now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  for (auto& [message, second] : seconds_) {
    if (now - second.began >= kSecond) {
      report(message, second);
    }
  }
}

void FloodGuard::report(const std::string& message, Second& second) {
  if (const std::uint64_t count = std::exchange(second.held_back, 0); count > 0) {
    logger_.log(second.level, message, {{"heldBack", fmt::to_string(count), true}});
  }
}

}  // namespace matricula
