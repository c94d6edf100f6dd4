#include "execution/bound_page.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/text.h"
#include "base/uuid.h"
#include "planning/cursor.h"

namespace matricula::execution {
namespace {

using graphql::Input;
using sql::Filter;
using sql::FilterKind;
using storage::Condition;
using storage::KeyValue;

// The input at a path such as "filter.userIds"; null where it is absent or null.
const Input* input_at(const Input* input, std::string_view path) {
  while (input != nullptr && !input->is_null()) {
    const std::size_t dot = path.find('.');
    input = input->field(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      break;
    }
    path.remove_prefix(dot + 1);
  }
  return input == nullptr || input->is_null() ? nullptr : input;
}

// The enum name that is given or else the schema's default.
std::string_view enum_at(const graphql::NamedType& type, const Input* input,
                         std::string_view name) {
  if (const Input* given = input_at(input, name)) {
    return std::get<Input::EnumName>(given->value).name;
  }
  const graphql::InputValue* definition = type.input_field(name);
  MATRICULA_ASSERT(definition != nullptr && definition->default_value != nullptr);
  return definition->default_value->text;
}

// Imports refuse NUL, so no text that lists filter by holds it.
bool holds_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

// A value as the column holds it; nullopt when no row can hold it.
std::optional<KeyValue> key_value(const Input& input, sql::ColumnType type, bool lower_case) {
  if (const auto* text = std::get_if<std::string>(&input.value)) {
    if (type == sql::ColumnType::kUuid) {
      const auto uuid = read_uuid(*text);
      return uuid ? std::optional<KeyValue>(
                        std::string(reinterpret_cast<const char*>(uuid->data()), uuid->size()))
                  : std::nullopt;
    }
    if (holds_nul(*text)) {
      return std::nullopt;
    }
    return lower_case ? to_lower(*text) : *text;
  }
  if (const auto* name = std::get_if<Input::EnumName>(&input.value)) {
    return name->name;
  }
  if (const auto* time = std::get_if<Input::Time>(&input.value)) {
    return time->micros;
  }
  if (const auto* integer = std::get_if<std::int32_t>(&input.value)) {
    return std::int64_t{*integer};
  }
  if (const auto* real = std::get_if<double>(&input.value)) {
    return *real;
  }
  MATRICULA_ASSERT(false && "check_mapping() lets only these types filter");
  return std::nullopt;
}

class PageBinder {
 public:
  PageBinder(const planning::ConnectionRoot& root, const graphql::NamedType& type,
             const Input* input, const ExecutionLimits& limits, std::size_t& filter_values)
      : relation_(root.relation),
        type_(type),
        input_(input),
        limits_(limits),
        filter_values_(filter_values) {}

  Result<BoundPage> bind() {
    for (const sql::FixedColumn& column : relation_.fixed) {
      const Input* given = input_at(input_, column.name);
      MATRICULA_ASSERT(given != nullptr);
      auto value = key_value(*given, column.type, false);
      page_.nothing_matches |= !value.has_value();
      page_.fixed.push_back(std::move(value).value_or(std::string()));
    }
    for (std::size_t i = 0; i < relation_.filters.size(); ++i) {
      if (const Input* given = input_at(input_, relation_.filters[i].name)) {
        MATRICULA_CHECK(filter(static_cast<std::uint16_t>(i), *given));
      }
    }
    order();
    MATRICULA_CHECK(size());
    MATRICULA_TRY(page_.after, position("after"));
    MATRICULA_TRY(page_.before, position("before"));
    return std::move(page_);
  }

 private:
  Result<void> filter(std::uint16_t index, const Input& given) {
    const Filter& filter = relation_.filters[index];
    Condition condition{.filter = index};
    switch (filter.kind) {
      case FilterKind::kAnyOf:
        MATRICULA_CHECK(read_list(filter, std::get<Input::List>(given.value), condition));
        break;
      case FilterKind::kHalfOpen:
      case FilterKind::kClosed:
        read_range(filter, given, condition);
        if (!condition.from && !condition.to) {
          return {};
        }
        break;
      case FilterKind::kSearch:
        condition.search = to_lower(std::get<std::string>(given.value));
        if (condition.search.empty()) {
          return {};
        }
        page_.nothing_matches |= holds_nul(condition.search);
        break;
    }
    page_.conditions.push_back(std::move(condition));
    return {};
  }

  Result<void> read_list(const Filter& filter, const Input::List& list, Condition& condition) {
    filter_values_ += list.size();
    if (filter_values_ > limits_.filter_values_max) {
      return fail(
          ErrorCode::kBadUserInput,
          fmt::format("With \"{}\" the filter lists of the request hold {} values; the limit "
                      "\"filter-values\" of this server is {}. Ask for fewer at a time.",
                      filter.name, filter_values_, limits_.filter_values_max));
    }
    for (const Input& value : list) {
      if (auto key = key_value(value, filter.type, filter.lower_case)) {
        if (!filter.prefix.empty()) {
          std::get<std::string>(*key).insert(0, filter.prefix);
        }
        condition.any_of.push_back(std::move(*key));
      }
    }
    std::ranges::sort(condition.any_of);
    condition.any_of.erase(std::unique(condition.any_of.begin(), condition.any_of.end()),
                           condition.any_of.end());
    page_.nothing_matches |= condition.any_of.empty();
    return {};
  }

  static void read_range(const Filter& filter, const Input& given, Condition& condition) {
    if (const Input* from = input_at(&given, "from")) {
      condition.from = key_value(*from, filter.type, false);
    }
    if (const Input* to = input_at(&given, "to")) {
      condition.to = key_value(*to, filter.type, false);
    }
  }

  void order() {
    const std::string_view name = enum_at(type_, input_, "orderBy");
    const auto found = std::ranges::find(relation_.orders, name, &sql::Order::name);
    MATRICULA_ASSERT(found != relation_.orders.end());
    page_.order = static_cast<std::uint16_t>(found - relation_.orders.begin());
    page_.descending = enum_at(type_, input_, "order") == "DESC";
  }

  Result<void> size() {
    const Input* first = input_at(input_, "first");
    const Input* last = input_at(input_, "last");
    if (first != nullptr && last != nullptr) {
      return fail(ErrorCode::kBadUserInput,
                  "\"first\" and \"last\" cannot be given together; ask for one end of the list.");
    }
    page_.direction = last != nullptr ? sql::Direction::kBackwards : sql::Direction::kForwards;
    const Input* given = last != nullptr ? last : first;
    std::int32_t rows = limits_.page_rows_default;
    if (given != nullptr) {
      rows = std::get<std::int32_t>(given->value);
      if (rows < 1 || rows > limits_.page_rows_max) {
        return fail(ErrorCode::kBadUserInput,
                    fmt::format("\"{}\" must be from 1 to {}; {} was given.",
                                last != nullptr ? "last" : "first", limits_.page_rows_max, rows));
      }
    }
    page_.rows = static_cast<std::uint32_t>(rows);
    return {};
  }

  Result<std::optional<storage::Position>> position(std::string_view name) {
    const Input* given = input_at(input_, name);
    if (given == nullptr) {
      return std::optional<storage::Position>();
    }
    auto found = planning::read_cursor(relation_, page_.order, std::get<std::string>(given->value));
    if (!found) {
      return fail(ErrorCode::kBadUserInput, "invalid cursor");
    }
    return found;
  }

  const sql::Relation& relation_;
  const graphql::NamedType& type_;
  const Input* input_;
  const ExecutionLimits& limits_;
  std::size_t& filter_values_;
  BoundPage page_;
};

}  // namespace

Result<BoundPage> bind_page(const planning::ConnectionRoot& root,
                            const graphql::NamedType& input_type, const Input* input,
                            const ExecutionLimits& limits, std::size_t& filter_values) {
  return PageBinder(root, input_type, input, limits, filter_values).bind();
}

}  // namespace matricula::execution
