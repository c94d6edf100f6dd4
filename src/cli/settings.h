#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

namespace matricula::cli {

// Makes every option of every command a setting, by the environment variable MATRICULA_NAME and by
// a key of the settings file. The command line overrides the environment, which overrides the file;
// only the settings that are options of the current command are read. The file is that of --config,
// else of MATRICULA_CONFIG, else matricula.toml in the working directory if it exists. Call once,
// when all commands have their options.
//
// A key of another command than the one that runs is fine; one that no command has, a value that is
// no text, decimal number, boolean or list of them, and a file that cannot be read are errors of
// parse().
void add_settings(CLI::App& app);

// By what name the value of an option was given, for messages: `--threads` where it is among the
// arguments, else MATRICULA_THREADS or `matricula.toml: threads`. `option` is without dashes.
std::string given_name(const CLI::App& app, const std::string& option,
                       std::span<const char* const> arguments);

}  // namespace matricula::cli
