#include "cli/help.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "cli/options.h"

namespace matricula::cli {
namespace {

constexpr std::size_t kNameWidth = 30;
constexpr std::size_t kLineWidth = 100;

struct Row {
  std::string name;
  std::string text;
};

// The text in lines of at most `width`, broken at spaces.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    std::size_t end = text.rfind(' ', width);
    end = end == std::string_view::npos || end == 0 ? std::min(text.find(' '), text.size()) : end;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  lines.emplace_back(text);
  return lines;
}

void append_rows(std::string& out, std::string_view title, const std::vector<Row>& rows) {
  if (rows.empty()) {
    return;
  }
  out += fmt::format("\n{}:\n", title);
  for (const Row& row : rows) {
    std::string name = "  " + row.name;
    if (name.size() + 2 > kNameWidth) {
      out += name + "\n";
      name.clear();
    }
    for (const std::string& line : wrapped(row.text, kLineWidth - kNameWidth)) {
      out += fmt::format("{:<{}}{}\n", name, kNameWidth, line);
      name.clear();
    }
  }
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string option_text(const CLI::Option& option) {
  std::string text = option.get_description();
  // Only the bounds of numbers have a description among our checks.
  if (option.get_type_name().starts_with("NUMBER:")) {
    text += "; " + option.get_type_name().substr(std::string_view("NUMBER:").size());
  }
  if (is_repeatable(option)) {
    text += option.get_positional() ? "; repeatable" : "; repeatable, or several with commas";
  }
  if (option.get_required()) {
    text += "; required";
  } else if (takes_value(option) && !option.get_default_str().empty() &&
             option.get_default_str() != "[]") {
    text += "; default " + option.get_default_str();
  }
  return text;
}

Row option_row(const CLI::Option& option) {
  if (option.get_positional()) {
    return {option.get_name(true) + (is_repeatable(option) ? "..." : ""), option_text(option)};
  }
  std::string name;
  for (const std::string& shorter : option.get_snames()) {
    name += "-" + shorter + ", ";
  }
  name += "--" + option.get_lnames().front();
  // The form that switches off what is on by default.
  for (std::size_t i = 1; i < option.get_lnames().size(); ++i) {
    name += ", --" + option.get_lnames()[i];
  }
  if (takes_value(option)) {
    const std::string type = option.get_type_name();
    name += " " + type.substr(0, type.find(':'));
  }
  return {name, option_text(option)};
}

bool is_shared(const CLI::Option& option, const SharedOptions& shared) {
  const auto has = [&option](const char* name) { return option.check_lname(name); };
  return (shared.store && has("store")) || (shared.keys && has("key-file")) ||
         (shared.json && (has("json") || has("ndjson"))) || (shared.quiet && has("quiet")) ||
         has("config");
}

std::vector<Row> option_rows(const CLI::App& command, bool positional) {
  std::vector<Row> rows;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() == positional) {
      rows.push_back(option_row(*option));
    }
  }
  return rows;
}

std::string usage(const CLI::App& command) {
  std::string path = command.get_name();
  for (const CLI::App* parent = command.get_parent(); parent != nullptr;
       parent = parent->get_parent()) {
    path.insert(0, parent->get_name() + " ");
  }
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional() && option->get_required()) {
      path += " " + option_row(*option).name;
    }
  }
  path += " [OPTION]...";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      const std::string name = option_row(*option).name;
      path += option->get_required() ? " " + name : " [" + name + "]";
    }
  }
  return path + (command.get_subcommands({}).empty() ? "" : " COMMAND");
}

}  // namespace

CLI::App& add_command(CLI::App& parent, CommandTexts& texts, CommandText text) {
  CLI::App& command = *parent.add_subcommand(text.name, text.summary);
  texts[&command] = std::move(text);
  return command;
}

std::string help_text(const CLI::App& command, const CommandTexts& texts) {
  std::string out = fmt::format("Usage: {}\n\n{}\n", usage(command), command.get_description());
  const auto found = texts.find(&command);
  const CommandText text = found == texts.end() ? CommandText() : found->second;
  if (!text.example.empty()) {
    out += "\nExample:\n";
    for (std::size_t at = 0; at < text.example.size();) {
      const std::size_t end = std::min(text.example.find('\n', at), text.example.size());
      out += fmt::format("  {}\n", text.example.substr(at, end - at));
      at = end + 1;
    }
  }
  append_rows(out, "Arguments", option_rows(command, true));
  append_rows(out, "Options", option_rows(command, false));
  std::vector<Row> shared;
  const CLI::App* root = &command;
  while (root->get_parent() != nullptr) {
    root = root->get_parent();
  }
  for (const CLI::Option* option : root->get_options()) {
    if (root != &command && is_shared(*option, text.shared)) {
      shared.push_back(option_row(*option));
    }
  }
  append_rows(out, "Shared options", shared);
  std::vector<Row> commands;
  for (const CLI::App* each : command.get_subcommands({})) {
    commands.push_back({each->get_name(), each->get_description()});
  }
  append_rows(out, "Commands", commands);
  if (!commands.empty()) {
    out += fmt::format("\n`matricula help {}COMMAND` shows the options of one.\n",
                       root == &command ? "" : command.get_name() + " ");
  }
  if (root == &command) {
    out +=
        "Every option is also an environment variable (MATRICULA_STORE) and a key of "
        "matricula.toml.\n";
  }
  return out;
}

}  // namespace matricula::cli
