#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/context.h"

namespace matricula::cli {

// All commands with their options. They work on `context`, which must outlive the app.
std::unique_ptr<CLI::App> make_app(Context& context);

// Runs the command that the arguments name; the exit status of the process. The first argument is
// how the program was called.
int run(Context& context, int count, const char* const* arguments);

}  // namespace matricula::cli
