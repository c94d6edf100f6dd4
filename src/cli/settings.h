#pragma once

#include <CLI/CLI.hpp>

namespace matricula::cli {

// Makes every option of every command a setting: the environment variable MATRICULA_NAME and a key
// of the settings file too, where the command line wins over the environment and that over the
// file. Of both, only what the command that runs has an option for is looked at. The file is that
// of --config, else of MATRICULA_CONFIG, else matricula.toml in the working directory where it is
// there. Call once, when all commands have their options.
//
// A key of another command than the one that runs is fine; one that no command has, a value that is
// no text, decimal number, boolean or list of them, and a file that cannot be read are errors of
// parse().
void add_settings(CLI::App& app);

}  // namespace matricula::cli
