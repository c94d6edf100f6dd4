#include "cli/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <toml++/toml.h>

namespace matricula::cli {
namespace {

constexpr const char* kDefaultFile = "matricula.toml";

std::string environment_name(const std::string& option) {
  std::string name = "MATRICULA_";
  for (const char c : option) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

bool is_set(const std::string& variable) {
  const char* const value = std::getenv(variable.c_str());
  return value != nullptr && *value != '\0';
}

// The commands within a command, and within those.
void for_each_command(CLI::App& app, std::vector<std::string>& path,
                      const std::function<void(CLI::App&, const std::vector<std::string>&)>& use) {
  use(app, path);
  for (CLI::App* command : app.get_subcommands({})) {
    path.push_back(command->get_name());
    for_each_command(*command, path, use);
    path.pop_back();
  }
}

// An exception of this type: CLI11 reports it only after --help, which a broken file must not stop.
[[noreturn]] void refuse(const std::string& message) {
  throw CLI::FileError(message);
}

std::optional<std::string> value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return text->get();
  }
  // TOML also writes numbers as hexadecimal, octal and binary, and with fractions; options do not.
  const auto* const number = node.as_integer();
  if (number != nullptr && number->flags() == toml::value_flags::none) {
    return fmt::to_string(number->get());
  }
  if (const auto* boolean = node.as_boolean()) {
    return boolean->get() ? "true" : "false";
  }
  return std::nullopt;
}

// matricula.toml in the form that CLI11 reads: for each key, the commands whose option it is.
class SettingsFile : public CLI::Config {
 public:
  explicit SettingsFile(CLI::App& app) : app_(app) {}

  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const std::string file = app_.get_config_ptr()->as<std::string>();
    toml::table table;
    try {
      table = toml::parse(input, file);
    } catch (const toml::parse_error& error) {
      refuse(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
    }
    std::vector<CLI::ConfigItem> found;
    for (const auto& [key, node] : table) {
      add_items(file, std::string(key.str()), node, found);
    }
    return found;
  }

 private:
  void add_items(const std::string& file, const std::string& key, const toml::node& node,
                 std::vector<CLI::ConfigItem>& found) const {
    std::vector<std::string> values;
    const toml::array* const list = node.as_array();
    const std::size_t count = list == nullptr ? 1 : list->size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = value_text(list == nullptr ? node : *list->get(i));
      if (!value) {
        refuse(
            fmt::format("{}:{}: {} must be a text, a decimal number, a boolean or a list of them",
                        file, node.source().begin.line, key));
      }
      values.push_back(*value);
    }
    if (values.empty()) {
      return;  // an empty list sets nothing
    }
    bool is_known = false;
    std::vector<std::string> path;
    for_each_command(app_, path, [&](CLI::App& command, const std::vector<std::string>& parents) {
      const CLI::Option* const option = command.get_option_no_throw("--" + key);
      if (option == nullptr || !option->get_configurable()) {
        return;
      }
      is_known = true;
      if (command.count_all() > 0 && !is_set(option->get_envname())) {
        found.push_back({.parents = parents, .name = key, .inputs = values});
      }
    });
    if (!is_known) {
      refuse(fmt::format("{}:{}: there is no setting \"{}\"; `matricula COMMAND --help` lists them",
                         file, node.source().begin.line, key));
    }
  }

  CLI::App& app_;
};

// A flag's variable by its name with "no-": its opposite is set, unless that is there already.
void take_opposite(const std::string& variable, const std::string& opposite) {
  if (!is_set(opposite) || is_set(variable)) {
    return;
  }
  try {
    const bool is_off = CLI::detail::to_flag_value(std::getenv(opposite.c_str())) > 0;
    setenv(variable.c_str(), is_off ? "false" : "true", 0);
  } catch (const std::exception&) {
    refuse(fmt::format("{}: write true or false", opposite));
  }
}

// Gives each option of a command its environment variable.
void name_variables(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::vector<std::string>& names = option->get_lnames();
    if (!option->get_configurable() || names.empty()) {
      continue;
    }
    const std::string variable = environment_name(names.front());
    option->envname(variable);
    if (names.size() > 1 && names.back() == "no-" + names.front()) {
      take_opposite(variable, environment_name(names.back()));
    }
  }
}

}  // namespace

std::string given_name(const CLI::App& app, const std::string& option,
                       std::span<const char* const> arguments) {
  const std::string typed = "--" + option;
  const bool is_typed = std::ranges::any_of(arguments, [&typed](std::string_view argument) {
    return argument == typed || argument.starts_with(typed + "=");
  });
  const std::string variable = environment_name(option);
  const std::string file = app.get_config_ptr()->as<std::string>();
  return is_typed || (file.empty() && !is_set(variable)) ? typed
         : is_set(variable)                              ? variable
                                                         : file + ": " + option;
}

void add_settings(CLI::App& app) {
  const char* const named = std::getenv("MATRICULA_CONFIG");
  const bool is_named = named != nullptr && *named != '\0';
  // In a directory that this user may not enter there are no settings.
  std::error_code ignored;
  const bool is_there = is_named || std::filesystem::exists(kDefaultFile, ignored);
  app.set_config("--config",
                 is_named   ? named
                 : is_there ? kDefaultFile
                            : "",
                 "settings as TOML; by default matricula.toml in the working directory when it is "
                 "there",
                 is_there)
      ->type_name("FILE");
  app.config_formatter(std::make_shared<SettingsFile>(app));
  std::vector<std::string> path;
  for_each_command(app, path, [](CLI::App& command, const std::vector<std::string>&) {
    // Only once the command is named: CLI11 reads the variables of all options that it has, and a
    // bad value would stop commands without that option.
    command.preparse_callback([&command](std::size_t) { name_variables(command); });
  });
}

}  // namespace matricula::cli
