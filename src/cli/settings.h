#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::cli {

// What the options of a process were given by, for source_of().
struct Given {
  std::span<const char* const> arguments = {};  // the command line; outlives this
  std::string file = {};                        // the settings file that was read
  std::vector<std::string> settings = {};       // what the command took from it
};

// Where the value of an option is from; a later one overrides an earlier one.
enum class Source { kNone, kFile, kVariable, kArgument };

// Makes every option of every command a setting, by the environment variable MATRICULA_NAME and by
// a key of the settings file. The command line overrides the environment, which overrides the file;
// only the settings that are options of the current command are read. The file is that of --config,
// else of MATRICULA_CONFIG, else matricula.toml in the working directory if it exists. Call once,
// when all commands have their options.
//
// A key of another command than the one that runs is fine; one that no command has, a value that is
// no text, decimal number, boolean or list of them, and a file that cannot be read are errors of
// parse(), which notes in `given` what it takes from the file.
void add_settings(CLI::App& app, Given& given);

// `option` is without dashes.
Source source_of(const Given& given, std::string_view option);

// A message whose options, such as --listen, are named as they were given where that is not on the
// command line: MATRICULA_LISTEN, or `matricula.toml: listen`. Commands in backquotes stay.
std::string named_as_given(const Given& given, std::string_view message);

// One of two options that exclude each other: its name without dashes, its value, and that of an
// option which is not given.
template <typename Value>
struct Excluding {
  std::string_view option;
  Value& value;
  Value absent = {};
};

// Of two options that exclude each other the one from the weaker source is as if it were not given:
// a setting that is there for all commands does not stop one whose arguments say something else.
// False where both are from one source, which is wrong usage.
template <typename First, typename Second>
bool keep_stronger(const Given& given, Excluding<First> first, Excluding<Second> second) {
  if (first.value == first.absent || second.value == second.absent) {
    return true;
  }
  const Source of_first = source_of(given, first.option);
  const Source of_second = source_of(given, second.option);
  if (of_first < of_second) {
    first.value = first.absent;
  } else if (of_second < of_first) {
    second.value = second.absent;
  }
  return of_first != of_second;
}

}  // namespace matricula::cli
