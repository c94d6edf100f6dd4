#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "server/store.h"

namespace matricula::cli {
namespace {

constexpr const char* kFreeText = "WORDS";
constexpr const char* kStore = "STORE";

bool may_hold_secret(const std::string& value) {
  return server::is_shared(value) || value.find("password=") != std::string::npos;
}

// The error for a value that cannot be meant; empty, as CLI11 requires, where it is good.
std::string check_value(const std::string& value) {
  if (value.empty()) {
    return "the value is empty; leave the option out, or give one";
  }
  if (may_hold_secret(value)) {
    return "the value looks like the address of a store; give that with --store";
  }
  return {};
}

// Whether an option of that name takes any text, also an empty one.
bool takes_any_text(CLI::App& app, const std::string& name) {
  const CLI::Option* const option = app.get_option_no_throw(name);
  return (option != nullptr && option->get_type_name() == kFreeText) ||
         std::ranges::any_of(app.get_subcommands({}),
                             [&](CLI::App* command) { return takes_any_text(*command, name); });
}

}  // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && parsed == end ? std::optional(number) : std::nullopt;
}

CLI::Validator decimal_within(Bounds bounds) {
  return CLI::Validator(
      [bounds](const std::string& text) -> std::string {
        const auto number = parse_decimal(text);
        return number && *number >= bounds.min && *number <= bounds.max
                   ? ""
                   : fmt::format("{} is not a decimal number from {} to {}", text, bounds.min,
                                 bounds.max);
      },
      fmt::format("{} to {}", bounds.min, bounds.max));
}

CLI::Option& free_text(CLI::Option& option) {
  return *option.type_name(kFreeText);
}

CLI::Option& add_store_address(CLI::App& app, const std::string& name, std::string& value,
                               const std::string& help) {
  CLI::Validator address(
      [](std::string& text) -> std::string {
        const auto parsed = server::store_address(text);
        if (!parsed) {
          return parsed.error().message;
        }
        text = *parsed;
        return "";
      },
      "");
  return *app.add_option(name, value, help)->transform(address)->type_name(kStore);
}

bool is_repeatable(const CLI::Option& option) {
  return option.get_items_expected_max() > 1;
}

void take_lists(CLI::App& app) {
  // People write a blank behind a comma.
  static const CLI::Validator kTrimmed(
      [](std::string& text) -> std::string {
        CLI::detail::trim(text);
        return "";
      },
      "");
  for (CLI::Option* option : app.get_options()) {
    if (is_repeatable(*option) && !option->get_positional()) {
      option->delimiter(',')->transform(kTrimmed);
    }
  }
  for (CLI::App* command : app.get_subcommands({})) {
    take_lists(*command);
  }
}

void check_all_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (option->get_items_expected_max() > 0 && type != kFreeText && type != kStore) {
      option->check(CLI::Validator(check_value, ""));
    }
  }
  for (CLI::App* command : app.get_subcommands({})) {
    check_all_values(*command);
  }
}

Result<std::vector<std::string>> read_arguments(CLI::App& app,
                                                std::span<const char* const> arguments) {
  std::vector<std::string> read;
  bool are_options = true;
  for (const std::string argument : arguments.subspan(1)) {
    are_options = are_options && argument != "--";
    if (!are_options || !argument.starts_with("--") || argument.find('=') != argument.size() - 1) {
      read.push_back(argument);
      continue;
    }
    const std::string name = argument.substr(0, argument.size() - 1);
    if (!takes_any_text(app, name)) {
      return fail(ErrorCode::kUsage,
                  fmt::format("{} has no value; write it after the =", argument));
    }
    read.push_back(name);
    read.emplace_back();
  }
  return read;
}

}  // namespace matricula::cli
