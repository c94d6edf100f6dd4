#include "base/temporary_names.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace matricula {
namespace {

// Who exchanges a name for null owns it: its TemporaryName, which frees it, or the handler, which
// frees nothing.
std::array<std::atomic<char*>, kTemporaryNamesMax> names;
std::atomic<int> held{0};
std::atomic<int> waiting{0};  // the signal that came meanwhile; 0 for none
static_assert(std::atomic<char*>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler uses them");

void remove_names() {
  std::array<char*, kTemporaryNamesMax> claimed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    claimed[i] = names[i].exchange(nullptr);
    if (claimed[i] != nullptr) {
      unlink(claimed[i]);
    }
  }
  // A directory is empty when its files are gone. Of a file this does nothing.
  for (char* const path : claimed) {
    if (path != nullptr) {
      rmdir(path);
    }
  }
}

// The signal is blocked until the handler returns, and ends the process then.
void end_process(int signal) {
  if (held.load() > 0) {
    waiting.store(signal);
    return;
  }
  remove_names();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

TemporaryName::TemporaryName(std::string_view path) {
  auto* const name = static_cast<char*>(std::malloc(path.size() + 1));
  if (name == nullptr) {
    return;
  }
  std::memcpy(name, path.data(), path.size());
  name[path.size()] = '\0';
  for (std::atomic<char*>& place : names) {
    char* none = nullptr;
    if (place.compare_exchange_strong(none, name)) {
      place_ = &place;
      return;
    }
  }
  std::free(name);
}

TemporaryName::TemporaryName(TemporaryName&& other) noexcept
    : place_(std::exchange(other.place_, nullptr)) {}

TemporaryName& TemporaryName::operator=(TemporaryName&& other) noexcept {
  std::swap(place_, other.place_);
  return *this;
}

TemporaryName::~TemporaryName() {
  if (place_ != nullptr) {
    std::free(place_->exchange(nullptr));
  }
}

TemporaryName make_directories(const std::string& path, std::error_code& error) {
  const SignalsHeld held;
  return std::filesystem::create_directories(path, error) ? TemporaryName(path) : TemporaryName();
}

SignalsHeld::SignalsHeld() {
  held.fetch_add(1);
}

SignalsHeld::~SignalsHeld() {
  if (held.fetch_sub(1) == 1) {
    if (const int signal = waiting.exchange(0); signal != 0) {
      std::raise(signal);
    }
  }
}

void remove_temporary_names_on_signals() {
  constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action = {};
  action.sa_handler = end_process;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : kEnding) {
    sigaddset(&action.sa_mask, signal);
  }
  for (const int signal : kEnding) {
    struct sigaction before = {};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) {
      sigaction(signal, &action, nullptr);
    }
  }
}

}  // namespace matricula
