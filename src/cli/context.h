#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace matricula::cli {

// What every command gets: where the store is, how to speak, and the time.
struct Context {
  std::string store = "sqlite:matricula.db";
  std::string key_file = {};
  bool json = false;
  bool quiet = false;
  const Clock& clock;
  int status = 0;  // of the process, set by the command that ran
};

// Runs a command's work and turns its error into a message on standard error and an exit status:
// 2 for wrong usage, else 1.
template <typename Work>
void conclude(Context& context, Work work) {
  const Result<int> done = work();
  if (done) {
    context.status = *done;
    return;
  }
  std::fprintf(stderr, "matricula: %s\n", done.error().message.c_str());
  if (!done.error().internal.empty()) {
    std::fprintf(stderr, "matricula: (%s)\n", done.error().internal.c_str());
  }
  context.status = done.error().code == ErrorCode::kUsage ? 2 : 1;
}

void add_serve(CLI::App& app, Context& context);
void add_exchange(CLI::App& app, Context& context);
void add_store(CLI::App& app, Context& context);
void add_access(CLI::App& app, Context& context);

}  // namespace matricula::cli
