#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace matricula::cli {

// The command that the arguments named, as far as they were understood: `app` itself where they
// name none.
const CLI::App& named_command(const CLI::App& app);

// What is wrong with the arguments and where to read what is right, in a line. An unknown command
// or option is named with the nearest ones that there are; a value that may hold a password is not
// repeated.
std::string wrong_usage(const CLI::App& app, const CLI::ParseError& error);

// `There is no command NAME`, with the nearest of the commands of `parent` and where they are
// listed.
std::string unknown_command(const CLI::App& parent, const std::string& name);

}  // namespace matricula::cli
