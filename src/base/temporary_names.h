#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <system_error>

namespace matricula {

// A file or an empty directory that a signal shall not leave behind: it is removed where the
// process ends by one, after remove_temporary_names_on_signals(). What else becomes of it is its
// owner's business. Of more than kTemporaryNamesMax names at a time the rest are left behind.
//
// The name is forgotten in the destructor, which comes after the file got its last name or was
// removed. From any thread.
class TemporaryName {
 public:
  TemporaryName() = default;  // no name
  explicit TemporaryName(std::string_view path);
  TemporaryName(TemporaryName&& other) noexcept;
  TemporaryName& operator=(TemporaryName&& other) noexcept;
  ~TemporaryName();

 private:
  std::atomic<char*>* place_ = nullptr;
};

inline constexpr int kTemporaryNamesMax = 64;

// Makes a directory and those above it; the name of a new one, and no name where it was there or
// could not be made (`error` has the cause).
TemporaryName make_directories(const std::string& path, std::error_code& error);

// For as long as one lives, a signal has to wait that would end the process by
// remove_temporary_names_on_signals(): for the few steps that make a file and its TemporaryName,
// or that give several files their names.
class SignalsHeld {
 public:
  SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld();
};

// From now on SIGINT, SIGTERM and SIGHUP remove what has a TemporaryName and then end the process
// as they would have. One that the process ignores, as under nohup, stays ignored. For commands;
// a server takes its signals in another way.
void remove_temporary_names_on_signals();

}  // namespace matricula
