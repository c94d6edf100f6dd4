#include "tests/cases/model.h"

#include <algorithm>
#include <compare>
#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/time_text.h"

namespace matricula::cases {
namespace {

std::string literal_text(Literal literal, const ModelValue& value) {
  switch (literal) {
    case Literal::kString:
      return json_string(std::get<std::string>(value));
    case Literal::kEnum:
      return std::get<std::string>(value);
    case Literal::kTime:
      return "\"" + time_text(std::get<std::int64_t>(value)) + "\"";
    case Literal::kNumber:
      break;
  }
  return fmt::to_string(std::get<double>(value));
}

ModelNarrowing any_of(const ModelFilter& filter, const Pick& pick) {
  std::vector<ModelValue> values;
  std::string text;
  for (std::size_t count = pick(4); count > 0; --count) {
    ModelValue value = filter.choices[pick(filter.choices.size())];
    text += (text.empty() ? "" : ", ") + literal_text(filter.literal, value);
    if (filter.lower_case) {
      value = to_lower(std::get<std::string>(value));
    }
    values.push_back(std::move(value));
  }
  return {fmt::format("{}: [{}]", filter.input, text),
          [field = filter.field, values](const ModelRow& row) {
            return std::ranges::find(values, row.fields.at(field)) != values.end();
          }};
}

ModelNarrowing range(const ModelFilter& filter, const Pick& pick) {
  const std::size_t ends = pick(4);  // neither, from, to, both
  const ModelValue from = filter.choices[pick(filter.choices.size())];
  const ModelValue to = filter.choices[pick(filter.choices.size())];
  std::string text;
  if ((ends & 1U) != 0) {
    text += "from: " + literal_text(filter.literal, from) + " ";
  }
  if ((ends & 2U) != 0) {
    text += "to: " + literal_text(filter.literal, to);
  }
  const bool closed = filter.kind == ModelFilterKind::kClosed;
  return {fmt::format("{}: {{{}}}", filter.input, text),
          [field = filter.field, ends, from, to, closed](const ModelRow& row) {
            const ModelValue& value = row.fields.at(field);
            if (ends == 0) {
              return true;
            }
            if (std::holds_alternative<std::monostate>(value)) {
              return false;
            }
            return ((ends & 1U) == 0 || value >= from) &&
                   ((ends & 2U) == 0 || (closed ? value <= to : value < to));
          }};
}

}  // namespace

bool ModelOrdering::precedes(const ModelRow& a, const ModelRow& b) const {
  const ModelRow& low = descending ? b : a;
  const ModelRow& high = descending ? a : b;
  const auto compare = [&](const std::string& field) {
    return low.fields.at(field) <=> high.fields.at(field);
  };
  if (const auto by_key = compare(order->field); std::is_neq(by_key)) {
    return std::is_lt(by_key);
  }
  for (const std::string& tie : list->ties) {
    if (const auto by_tie = compare(tie); std::is_neq(by_tie)) {
      return std::is_lt(by_tie);
    }
  }
  return false;
}

ModelNarrowing random_narrowing(const ModelList& list, const Pick& pick) {
  std::vector<ModelPredicate> all;
  std::string filters;
  for (std::size_t count = pick(3); count > 0; --count) {
    const ModelFilter& filter = list.filters[pick(list.filters.size())];
    if (filters.find(filter.input + ": ") != std::string::npos) {
      continue;  // an input field stands once
    }
    ModelNarrowing one =
        filter.kind == ModelFilterKind::kAnyOf ? any_of(filter, pick) : range(filter, pick);
    filters += (filters.empty() ? "" : ", ") + one.input;
    all.push_back(std::move(one.keeps));
  }
  ModelNarrowing narrowing;
  if (!filters.empty()) {
    narrowing.input = "filter: {" + filters + "}";
  }
  if (!list.needles.empty() && pick(4) == 0) {
    const std::string needle = list.needles[pick(list.needles.size())];
    narrowing.input += (narrowing.input.empty() ? "query: " : ", query: ") + json_string(needle);
    all.emplace_back([needle = to_lower(needle), &list](const ModelRow& row) {
      // No part of the text holds a line feed; the model has one between its parts.
      return needle.find('\n') == std::string::npos &&
             list.search_text(row).find(needle) != std::string::npos;
    });
  }
  narrowing.keeps = [all](const ModelRow& row) {
    return std::ranges::all_of(all, [&](const ModelPredicate& keeps) { return keeps(row); });
  };
  return narrowing;
}

std::vector<ModelRow> sorted_rows(const ModelOrdering& ordering, const std::string& company,
                                  const ModelPredicate& keeps) {
  std::vector<ModelRow> rows;
  std::ranges::copy_if(ordering.list->rows, std::back_inserter(rows),
                       [&](const ModelRow& row) { return row.company == company && keeps(row); });
  std::ranges::sort(rows,
                    [&](const ModelRow& a, const ModelRow& b) { return ordering.precedes(a, b); });
  return rows;
}

ModelPage page_of(const ModelOrdering& ordering, const std::vector<ModelRow>& rows,
                  const ModelRow* after, const ModelRow* before, std::size_t size, bool from_end) {
  std::vector<const ModelRow*> inside;
  bool at_or_before = false;  // a row stands at `after` or in front of it
  bool at_or_after = false;   // a row stands at `before` or behind it
  for (const ModelRow& row : rows) {
    const bool is_past = after == nullptr || ordering.precedes(*after, row);
    const bool is_short = before == nullptr || ordering.precedes(row, *before);
    at_or_before |= !is_past;
    at_or_after |= !is_short;
    if (is_past && is_short) {
      inside.push_back(&row);
    }
  }
  const std::size_t count = std::min(size, inside.size());
  const std::size_t first = from_end ? inside.size() - count : 0;
  ModelPage page{.names = {},
                 .has_next = at_or_after || (!from_end && inside.size() > count),
                 .has_previous = at_or_before || (from_end && inside.size() > count),
                 .total = rows.size()};
  for (std::size_t i = first; i < first + count; ++i) {
    page.names.push_back(inside[i]->name);
  }
  return page;
}

}  // namespace matricula::cases
