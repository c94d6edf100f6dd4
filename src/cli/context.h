#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/temporary_names.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/settings.h"

namespace matricula::cli {

// What every command gets: where the store is, how to speak, and the time.
struct Context {
  std::string store = "sqlite:matricula.db";
  std::string key_file = {};
  bool json = false;    // lists as one array
  bool ndjson = false;  // lists as a line each
  bool quiet = false;
  std::string program = "matricula";  // how it was called, for examples
  const Clock& clock;
  Output out{1};
  Messages messages{2};
  CommandTexts texts = {};
  Given given = {};
  int status = 0;  // of the process, set by the command that ran

  bool wants_json() const { return json || ndjson; }
  // Where both are from one source, lists are a line each.
  bool wants_array() const {
    return json && (!ndjson || source_of(given, "ndjson") < source_of(given, "json"));
  }
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
  context.messages.print("matricula: " + named_as_given(context.given, done.error().message));
  if (!done.error().internal.empty()) {
    context.messages.print("matricula: (" + done.error().internal + ")");
  }
  context.status = done.error().code == ErrorCode::kUsage ? 2 : 1;
}

// The same for work that writes files beside their places, or whole directories: a signal that ends
// it leaves none of them behind.
template <typename Work>
void conclude_writing(Context& context, Work work) {
  remove_temporary_names_on_signals();
  conclude(context, std::move(work));
}

void add_serve(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_exchange(CLI::App& app, Context& context);  // export, copy, generate
void add_store(CLI::App& app, Context& context);
void add_access(CLI::App& app, Context& context);

}  // namespace matricula::cli
