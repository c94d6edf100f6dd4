#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/result.h"

namespace matricula::cli {

// The bounds of a number, both included.
struct Bounds {
  std::uint64_t min;
  std::uint64_t max;
};

// 100 years of 365.25 days: the longest duration that an option may have.
inline constexpr std::uint64_t kHundredYearsInSeconds = 3'155'760'000;

// Decimal digits alone, leading zeros allowed; nullopt for any other text and for a number that
// does not fit.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

// A check that accepts decimal numbers within the bounds; its error names them.
CLI::Validator decimal_within(Bounds bounds);

// The value of an option as a number; of a duration, in milliseconds.
template <typename Value>
std::uint64_t number_of(Value value) {
  return static_cast<std::uint64_t>(value);
}
inline std::uint64_t number_of(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count());
}
inline std::uint64_t number_of(std::optional<std::uint64_t> number) {
  return number.value_or(0);
}

// An option with a number. CLI11's own reading takes 0100 as octal and 0x10 as hexadecimal.
// Precondition: the bounds fit into `value`, which must outlive the app and holds the default. What
// depends on the machine is nullopt, and the caller says in words what it is.
template <typename Value>
CLI::Option& add_number(CLI::App& app, const std::string& name, Value& value, Bounds bounds,
                        const std::string& help) {
  CLI::Option& option = *app.add_option_function<std::string>(
      name,
      [&value](const std::string& text) {
        const auto number = parse_decimal(text);
        MATRICULA_ASSERT(number.has_value());
        value = static_cast<Value>(*number);
      },
      help);
  return *option.check(decimal_within(bounds))
              ->type_name("NUMBER")
              ->default_str(fmt::to_string(number_of(value)));
}

// Marks an option whose value is free text of people: it may be empty.
CLI::Option& free_text(CLI::Option& option);

// An option that takes the address of a store; anything else is wrong usage.
CLI::Option& add_store_address(CLI::App& app, const std::string& name, std::string& value,
                               const std::string& help);

// Whether the option may be given several times.
bool is_repeatable(const CLI::Option& option);

// Lets every repeatable option take several values with commas between them, wherever it is given:
// a variable of the environment has no other way. Call once, when all commands have their options.
void take_lists(CLI::App& app);

// Refuses values that cannot be meant: empty ones, as from an unset variable of a shell, and the
// address of a store for another option, since an error would show its password. Call once, when
// all commands have their options.
void check_all_values(CLI::App& app);

// The arguments after the program's name. An empty value in the form `--name=`, for which CLI11
// would take the next argument, is an argument of its own where the option takes any text; kUsage
// for others.
Result<std::vector<std::string>> read_arguments(CLI::App& app,
                                                std::span<const char* const> arguments);

}  // namespace matricula::cli
