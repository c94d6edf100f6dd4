#include "readmodel/comparison.h"

#include <algorithm>
#include <compare>

namespace matricula::readmodel {

using storage::Condition;
using storage::KeyValue;
using storage::Position;

KeyValue key_value_of(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
    return *integer;
  }
  if (const auto* real = std::get_if<double>(&cell)) {
    return *real;
  }
  return std::get<std::string>(cell);
}

Position Comparison::key_of(const PlainRow& row) const {
  Position key;
  for (const std::uint16_t part : layout_.indexes[layout_.key_index].parts) {
    key.push_back(key_value_of(list_.cell(row, layout_.sources[part].expression)));
  }
  return key;
}

std::vector<const Comparison::Keyed*> Comparison::in_order(std::uint16_t order) {
  std::vector<Keyed>& all = orders_[order];
  if (all.empty()) {
    const std::vector<std::string> expressions = expressions_of(relation_, order);
    for (const PlainRow* row : sorted_rows(list_, expressions)) {
      Keyed keyed{.row = row, .fixed = {}, .position = {}};
      for (const std::string& expression : expressions) {
        (keyed.fixed.size() < relation_.fixed.size() ? keyed.fixed : keyed.position)
            .push_back(key_value_of(list_.cell(*row, expression)));
      }
      all.push_back(std::move(keyed));
    }
  }
  std::vector<const Keyed*> kept;
  for (const Keyed& each : all) {
    if (each.fixed == fixed_) {
      kept.push_back(&each);
    }
  }
  return kept;
}

void Comparison::compare_orders() {
  conditions_.clear();
  pick_fixed();
  for (std::uint16_t order = 0; std::size_t{order} < relation_.orders.size(); ++order) {
    std::vector<const PlainRow*> expected;
    for (const Keyed* each : in_order(order)) {
      expected.push_back(each->row);
    }
    std::vector<std::uint32_t> rows;
    selector_.begin(*snapshot_, scope());
    selector_.page({.scope = scope(), .columns = {}, .order = order, .limit = 1U << 30U}, rows);
    expect_rows(rows, expected, order);
  }
}

// Every value of every row.
void Comparison::expect_rows(const std::vector<std::uint32_t>& rows,
                             const std::vector<const PlainRow*>& expected, std::uint16_t order) {
  ASSERT_EQ(rows.size(), expected.size()) << relation_.orders[order].name;
  std::vector<std::uint16_t> columns;
  std::vector<std::string> expressions;
  for (const sql::Column& column : relation_.columns) {
    columns.push_back(static_cast<std::uint16_t>(columns.size()));
    expressions.emplace_back(column.expression);
  }
  const std::vector<std::string> key = expressions_of(relation_, order);
  expressions.insert(expressions.end(),
                     key.begin() + static_cast<std::ptrdiff_t>(relation_.fixed.size()), key.end());
  model_rows_.start(*snapshot_, columns, order);
  model_rows_.rows() = rows;
  for (const PlainRow* row : expected) {
    ASSERT_TRUE(model_rows_.next().value());
    for (unsigned column = 0; column < expressions.size(); ++column) {
      const Cell cell = list_.cell(*row, expressions[column]);
      const auto& name = expressions[column];
      ASSERT_EQ(model_rows_.is_null(column), std::holds_alternative<std::monostate>(cell)) << name;
      if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        ASSERT_EQ(model_rows_.integer(column), *integer) << name;
      } else if (const auto* real = std::get_if<double>(&cell)) {
        ASSERT_EQ(model_rows_.real(column), *real) << name;
      } else if (const auto* text = std::get_if<std::string>(&cell)) {
        const bool is_id = name == "t.user_id" || name == "t.learner_id";
        ASSERT_EQ(is_id ? storage::as_text(model_rows_.bytes(column)) : model_rows_.text(column),
                  *text)
            << name;
      }
    }
  }
  ASSERT_FALSE(model_rows_.next().value());
}

// Values of some row.
void Comparison::pick_fixed() {
  fixed_.clear();
  auto row = list_.rows.begin();
  std::advance(row, static_cast<std::ptrdiff_t>(maker_.pick(list_.rows.size())));
  for (const sql::FixedColumn& fixed : relation_.fixed) {
    fixed_.push_back(key_value_of(list_.cell(row->second, fixed.expression)));
  }
}

void Comparison::add_list(std::uint16_t filter, std::vector<KeyValue> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  conditions_.push_back({.filter = filter, .any_of = std::move(values)});
}

void Comparison::pick_conditions() {
  conditions_.clear();
  const auto& filters = relation_.filters;
  for (std::uint16_t i = 0; std::size_t{i} < filters.size(); ++i) {
    if (maker_.pick(6) != 0) {
      continue;
    }
    const sql::Filter& filter = filters[i];
    if (filter.kind == sql::FilterKind::kSearch) {
      const std::string text = list_.people[maker_.pick(list_.people.size())].search();
      const std::string line = storage::read_search_part(text.substr(0, text.find('\n')));
      static const std::string kNeedles[] = {"a",   "li",      "ada",   "ada ",
                                             "zoë", "no such", "x.exa", "line\nfeed"};
      const std::string needle = maker_.pick(2) == 0
                                     ? maker_.one_of(kNeedles)
                                     : line.substr(maker_.pick(line.size()), 1 + maker_.pick(8));
      conditions_.push_back({.filter = i, .search = needle});
      continue;
    }
    if (filter.kind == sql::FilterKind::kAnyOf) {
      std::vector<KeyValue> values;
      for (std::size_t n = 1 + maker_.pick(3); n > 0; --n) {
        auto row = list_.rows.begin();
        std::advance(row, static_cast<std::ptrdiff_t>(maker_.pick(list_.rows.size())));
        const Cell cell = list_.cell(row->second, filter.expression);
        values.push_back(std::holds_alternative<std::monostate>(cell) ? KeyValue("none")
                                                                      : key_value_of(cell));
      }
      add_list(i, std::move(values));
      continue;
    }
    Condition range{.filter = i};
    const auto bound = [&]() -> KeyValue {
      if (filter.type == sql::ColumnType::kReal) {
        return static_cast<double>(maker_.pick(5)) / 2;
      }
      return static_cast<std::int64_t>(maker_.pick(50)) - 25;
    };
    if (maker_.pick(2) == 0) {
      range.from = bound();
    }
    if (!range.from || maker_.pick(2) == 0) {
      range.to = bound();
    }
    conditions_.push_back(std::move(range));
  }
}

bool Comparison::matches(const PlainRow& row) const {
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    const sql::Filter& filter = relation_.filters[condition.filter];
    if (filter.kind == sql::FilterKind::kSearch) {
      std::string needle;
      storage::append_search_part(condition.search, needle);
      return list_.people[row.person].search().find(needle) != std::string::npos;
    }
    const Cell cell = list_.cell(row, filter.expression);
    if (std::holds_alternative<std::monostate>(cell)) {
      return false;
    }
    const KeyValue value = key_value_of(cell);
    if (filter.kind == sql::FilterKind::kAnyOf) {
      return std::ranges::find(condition.any_of, value) != condition.any_of.end();
    }
    if ((filter.null_key && value == KeyValue(sql::kNullTimeKey)) ||
        (condition.from && value < *condition.from)) {
      return false;
    }
    return !condition.to || (filter.kind == sql::FilterKind::kHalfOpen ? value < *condition.to
                                                                       : value <= *condition.to);
  });
}

// Of a row that is there, or next to one.
std::optional<Position> Comparison::pick_position(std::uint16_t order) {
  const std::vector<const Keyed*> rows = in_order(order);
  if (maker_.pick(2) == 0 || rows.empty()) {
    return std::nullopt;
  }
  Position position = rows[maker_.pick(rows.size())]->position;
  if (auto* const last = std::get_if<std::string>(&position.back());
      last != nullptr && maker_.pick(3) == 0) {
    *last += "x";
  }
  return position;
}

Comparison::Request Comparison::pick_request() {
  pick_fixed();
  pick_conditions();
  const auto order = static_cast<std::uint16_t>(maker_.pick(relation_.orders.size()));
  return {.order = order,
          .descending = maker_.pick(2) == 0,
          .backwards = maker_.pick(2) == 0,
          .after = pick_position(order),
          .before = pick_position(order),
          .limit = static_cast<std::uint32_t>(1 + maker_.pick(maker_.pick(4) == 0 ? 900 : 30))};
}

Comparison::Answer Comparison::expected_answer(const Request& request) {
  std::vector<const Keyed*> all = in_order(request.order);
  std::erase_if(all, [&](const Keyed* each) { return !matches(*each->row); });
  if (request.descending) {
    std::ranges::reverse(all);
  }
  // Below zero where the row comes before the position in the order.
  const auto compared = [&](const Keyed& row, const Position& position) {
    const auto each = row.position <=> position;
    const int way = std::is_lt(each) ? -1 : std::is_gt(each) ? 1 : 0;
    return request.descending ? -way : way;
  };
  Answer answer{.page = {}, .count = static_cast<std::int64_t>(all.size())};
  for (const Keyed* row : all) {
    const bool is_before = request.after && compared(*row, *request.after) <= 0;
    const bool is_behind = request.before && compared(*row, *request.before) >= 0;
    answer.goes_on_before |= is_before;
    answer.goes_on_behind |= is_behind;
    if (!is_before && !is_behind) {
      answer.page.push_back(row->row);
    }
  }
  if (request.backwards) {
    std::ranges::reverse(answer.page);
  }
  answer.page.resize(std::min<std::size_t>(answer.page.size(), request.limit));
  return answer;
}

void Comparison::compare_request() {
  const Request request = pick_request();
  const Answer expected = expected_answer(request);
  const Position* const after = request.after ? &*request.after : nullptr;
  const Position* const before = request.before ? &*request.before : nullptr;
  std::vector<std::uint32_t> rows;
  selector_.begin(*snapshot_, scope());
  selector_.page(
      {.scope = scope(),
       .columns = {},
       .order = request.order,
       .descending = request.descending,
       .direction = request.backwards ? sql::Direction::kBackwards : sql::Direction::kForwards,
       .after = after,
       .before = before,
       .limit = request.limit},
      rows);
  expect_rows(rows, expected.page, request.order);
  ASSERT_FALSE(testing::Test::HasFatalFailure())
      << request.order << request.descending << request.backwards << conditions_.size();
  ASSERT_EQ(selector_.count(), expected.count);
  const auto goes_on = [&](const Position* at_or_before, const Position* at_or_after) {
    return selector_.exists_beyond({.scope = scope(),
                                    .order = request.order,
                                    .descending = request.descending,
                                    .at_or_before = at_or_before,
                                    .at_or_after = at_or_after});
  };
  if (after != nullptr) {
    ASSERT_EQ(goes_on(after, nullptr), expected.goes_on_before);
  }
  if (before != nullptr) {
    ASSERT_EQ(goes_on(nullptr, before), expected.goes_on_behind);
  }
}

}  // namespace matricula::readmodel
