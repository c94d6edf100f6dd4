#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace matricula::cli {

// The command that the arguments named, as far as they were understood: `app` itself where they
// name none.
const CLI::App& named_command(const CLI::App& app);

// One line: what is wrong with the arguments, and where to read what is right. For an unknown
// command or option it names the nearest existing ones; a value that may hold a password is not
// repeated. A value is named as it was given: by an argument, a variable or the settings file.
std::string wrong_usage(const CLI::App& app, const CLI::ParseError& error, const Given& given);

// ` Did you mean "NAME"?` with the nearest of the names; empty where none is near.
std::string nearest(const std::string& input, const std::vector<std::string>& names);

// `There is no command NAME`, with the nearest of the commands of `parent` and where they are
// listed.
std::string unknown_command(const CLI::App& parent, const std::string& name);

}  // namespace matricula::cli
