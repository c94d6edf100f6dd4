#include "cli/usage.h"

#include <fmt/format.h>
#include <vector>

#include "base/text.h"
#include "graphql/coercion/suggestions.h"

namespace matricula::cli {
namespace {

std::string path_of(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? command.get_name()
             : path_of(*command.get_parent()) + " " + command.get_name();
}

// The argument for messages; empty where it may be a secret.
std::string shown(const std::string& argument) {
  return argument.find_first_of("=@:/") == std::string::npos ? argument : "an argument";
}

std::string unknown_option(const CLI::App& command, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string> names;
  for (const CLI::App* each = &command; each != nullptr; each = each->get_parent()) {
    for (const CLI::Option* option : each->get_options()) {
      for (const std::string& known : option->get_lnames()) {
        names.push_back("--" + known);
      }
    }
  }
  return fmt::format("{} has no option {}.{}", path_of(command), name, nearest(name, names));
}

// The argument that CLI11 did not expect; empty for none.
std::string unexpected(const CLI::App& command, const std::vector<std::string>& extras) {
  for (const std::string& argument : extras) {
    if (argument.size() > 1 && argument.starts_with('-')) {
      return unknown_option(command, argument);
    }
  }
  if (extras.empty()) {
    return {};
  }
  if (!command.get_subcommands({}).empty()) {
    return unknown_command(command, extras.front());
  }
  return fmt::format("{} does not expect {} after the others.", path_of(command),
                     shown(extras.front()));
}

// Rewrites some of CLI11's messages to say what is wrong and what is right.
std::string own_words(const std::string& what) {
  constexpr std::string_view kMissing = ": 1 required ";
  constexpr std::string_view kRepeated = ": At Most 1 required but received ";
  constexpr std::string_view kNoFlag = "Could not convert: ";
  constexpr std::string_view kUnreadable = " was not readable (missing?)";
  if (const std::size_t end = what.find(kMissing);
      end != std::string::npos && what.ends_with(" missing")) {
    return what.substr(0, end) + " needs a value";
  }
  if (const std::size_t end = what.find(kRepeated); end != std::string::npos) {
    return fmt::format("{} has {} values; give it one", what.substr(0, end),
                       what.substr(end + kRepeated.size()));
  }
  if (const std::size_t end = what.find(" = "); what.starts_with(kNoFlag) && end < what.size()) {
    return fmt::format("{}: {} is neither true nor false",
                       what.substr(kNoFlag.size(), end - kNoFlag.size()), what.substr(end + 3));
  }
  if (what.ends_with(kUnreadable)) {
    return what.substr(0, what.size() - kUnreadable.size()) + " cannot be read";
  }
  return what == "A subcommand is required" ? "a command is required" : what;
}

}  // namespace

std::string nearest(const std::string& input, const std::vector<std::string>& names) {
  if (!is_utf8(input)) {
    return {};
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return graphql::did_you_mean(graphql::suggestion_list(input, candidates));
}

const CLI::App& named_command(const CLI::App& app) {
  const std::vector<CLI::App*> named = app.get_subcommands();
  return named.empty() ? app : named_command(*named.back());
}

std::string unknown_command(const CLI::App& parent, const std::string& name) {
  std::vector<std::string> names;
  for (const CLI::App* command : parent.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return fmt::format("{} has no command {}.{} `{} --help` lists the commands.", path_of(parent),
                     shown(name), nearest(name, names), path_of(parent));
}

std::string wrong_usage(const CLI::App& app, const CLI::ParseError& error, const Given& given) {
  const CLI::App& command = named_command(app);
  // A required option that is missing is often one that is misspelt: that says more.
  const std::string extra = unexpected(command, app.remaining(true));
  std::string what = extra.empty() ? named_as_given(given, own_words(error.what())) : extra;
  if (what.find(" --help`") != std::string::npos) {
    return what;
  }
  const bool is_sentence = what.ends_with('.') || what.ends_with('?');
  return fmt::format("{}{} `{} --help` shows what is right.", what, is_sentence ? "" : ";",
                     path_of(command));
}

}  // namespace matricula::cli
