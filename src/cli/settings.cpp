#include "cli/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <toml++/toml.h>

#include "cli/usage.h"

namespace matricula::cli {
namespace {

constexpr const char* kDefaultFile = "matricula.toml";

std::string environment_name(std::string_view option) {
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

void refuse_sections(const std::string& file, const toml::table& table) {
  std::string sections;
  toml::source_index line = 0;
  for (const auto& [key, node] : table) {
    const toml::table* const section = node.as_table();
    const bool is_list = node.is_array_of_tables();
    if ((section != nullptr && !section->is_inline()) || is_list) {
      line = line == 0 ? node.source().begin.line : std::min(line, node.source().begin.line);
      const std::string name = fmt::format("[{}]", std::string(key.str()));
      sections += (sections.empty() ? "" : " and ") + (is_list ? fmt::format("[{}]", name) : name);
    }
  }
  if (!sections.empty()) {
    refuse(fmt::format("{}:{}: settings have no sections: remove {}, and keep the lines below",
                       file, line, sections));
  }
}

// matricula.toml in the form that CLI11 reads: for each key, the commands whose option it is.
class SettingsFile : public CLI::Config {
 public:
  SettingsFile(CLI::App& app, Given& given) : app_(app), given_(given) {}

  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const std::string file = app_.get_config_ptr()->as<std::string>();
    given_.file = file;
    toml::table table;
    try {
      table = toml::parse(input, file);
    } catch (const toml::parse_error& error) {
      refuse(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
    }
    refuse_sections(file, table);
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
        given_.settings.push_back(key);
      }
    });
    if (!is_known) {
      refuse(
          fmt::format("{}:{}: there is no setting \"{}\".{} `matricula COMMAND --help` lists them.",
                      file, node.source().begin.line, key, nearest_setting(key)));
    }
  }

  // People also write names as other programs do, with underscores.
  std::string nearest_setting(std::string key) const {
    std::vector<std::string> names;
    std::vector<std::string> path;
    for_each_command(app_, path, [&names](CLI::App& command, const std::vector<std::string>&) {
      for (const CLI::Option* option : command.get_options()) {
        if (option->get_configurable() && !option->get_lnames().empty()) {
          names.push_back(option->get_lnames().front());
        }
      }
    });
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::ranges::replace(key, '_', '-');
    const bool is_name = std::ranges::count(names, key) != 0;
    return nearest(key, is_name ? std::vector{key} : names);
  }

  CLI::App& app_;
  Given& given_;
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

bool is_argument(const Given& given, std::string_view option) {
  for (std::string_view argument : given.arguments) {
    if (argument == "--") {
      return false;  // what follows is no option
    }
    for (const std::string_view prefix : {"--", "--no-"}) {
      if (argument.starts_with(prefix) &&
          argument.substr(prefix.size(), argument.find('=') - prefix.size()) == option) {
        return true;
      }
    }
  }
  return false;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

// The name of the option that the text begins with; empty where it begins with none.
std::string_view leading_option(std::string_view text) {
  if (!text.starts_with("--")) {
    return {};
  }
  text.remove_prefix(2);
  const auto end = std::ranges::find_if_not(text, is_name_character);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string given_name(const Given& given, std::string_view option) {
  switch (source_of(given, option)) {
    case Source::kNone:
    case Source::kArgument:
      return fmt::format("--{}", option);
    case Source::kVariable:
      return environment_name(option);
    case Source::kFile:
      return fmt::format("{}: {}", given.file, option);
  }
  return {};
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

Source source_of(const Given& given, std::string_view option) {
  return is_argument(given, option)                        ? Source::kArgument
         : is_set(environment_name(option))                ? Source::kVariable
         : std::ranges::count(given.settings, option) != 0 ? Source::kFile
                                                           : Source::kNone;
}

std::string named_as_given(const Given& given, std::string_view message) {
  std::string named;
  bool is_command = false;  // within backquotes
  while (!message.empty()) {
    const std::string_view option = is_command ? std::string_view() : leading_option(message);
    if (!option.empty() && (named.empty() || !is_name_character(named.back()))) {
      named += given_name(given, option);
      message.remove_prefix(2 + option.size());
      continue;
    }
    is_command = is_command != (message.front() == '`');
    named += message.front();
    message.remove_prefix(1);
  }
  return named;
}

void add_settings(CLI::App& app, Given& given) {
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
  app.config_formatter(std::make_shared<SettingsFile>(app, given));
  std::vector<std::string> path;
  for_each_command(app, path, [](CLI::App& command, const std::vector<std::string>&) {
    // Only once the command is named: CLI11 reads the variables of all options that it has, and a
    // bad value would stop commands without that option.
    command.preparse_callback([&command](std::size_t) { name_variables(command); });
  });
}

}  // namespace matricula::cli
