#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace matricula::cli {

// The shared options that a command takes.
struct SharedOptions {
  bool store = false;  // --store
  bool keys = false;   // --key-file
  bool json = false;   // --json, --ndjson
  bool quiet = false;  // --quiet
};

struct CommandText {
  std::string name = {};
  std::string summary = {};
  std::string example = {};  // one line or several, without the indentation
  SharedOptions shared = {};
};

// The texts of all commands, by the command.
using CommandTexts = std::map<const CLI::App*, CommandText>;

// Adds a command with its text to `parent`.
CLI::App& add_command(CLI::App& parent, CommandTexts& texts, CommandText text);

// The help of a command: usage, what it does, an example, its options, those that it shares, its
// commands. Ends with a line feed.
std::string help_text(const CLI::App& command, const CommandTexts& texts);

}  // namespace matricula::cli
