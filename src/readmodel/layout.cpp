#include "readmodel/layout.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace matricula::readmodel {
namespace {

using sql::ColumnType;
using sql::Filter;
using sql::FilterKind;
using sql::Relation;

constexpr std::string_view kPeopleJoin = "JOIN users ";

// The join that finds the row's person by `id`, and the alias of the people in it.
struct PeopleJoin {
  unsigned number = 0;
  std::string alias;
};

std::optional<PeopleJoin> people_join(const Relation& relation, std::string_view id) {
  for (std::size_t i = 0; i < relation.joins.size(); ++i) {
    const std::string_view text = relation.joins[i];
    if (!text.starts_with(kPeopleJoin)) {
      continue;
    }
    const std::string_view rest = text.substr(kPeopleJoin.size());
    std::string alias(rest.substr(0, rest.find(' ')));
    if (rest == fmt::format("{0} ON {0}.id = {1}", alias, id)) {
      return PeopleJoin{.number = static_cast<unsigned>(i), .alias = std::move(alias)};
    }
  }
  return std::nullopt;
}

class LayoutMaker {
 public:
  LayoutMaker(const Relation& relation, const Filter& search, PeopleJoin people)
      : relation_(relation), search_(search), people_(std::move(people)) {
    layout_.relation = &relation;
  }

  std::optional<Layout> make() {
    layout_.person = source(search_.expression, {}, ColumnType::kUuid, false);
    layout_.address = source(relation_.orders.front().key, {}, relation_.orders.front().type, true);
    for (const sql::Column& column : relation_.columns) {
      const bool is_personal = column.join == people_.number;
      layout_.columns.push_back(
          source(column.expression, column.postgres, column.type, is_personal));
    }
    add_orders();
    add_filters();
    layout_.search_text = source(people_.alias + ".search", {}, ColumnType::kText, true);
    layout_.stride = (layout_.person_offset() + 4 + 7) / 8 * 8;
    return is_possible_ ? std::optional(std::move(layout_)) : std::nullopt;
  }

 private:
  std::uint16_t source(std::string_view expression, std::string_view postgres, ColumnType type,
                       bool is_personal) {
    const auto found = std::ranges::find(layout_.sources, expression, &Source::expression);
    if (found != layout_.sources.end()) {
      is_possible_ &= found->type == type;
      return static_cast<std::uint16_t>(found - layout_.sources.begin());
    }
    Source made{.expression = std::string(expression),
                .postgres = std::string(postgres.empty() ? expression : postgres),
                .type = type};
    switch (type) {
      case ColumnType::kInteger:
      case ColumnType::kReal:
      case ColumnType::kBoolean:
      case ColumnType::kTime:
        made.place = Place::kNumber;
        made.slot = layout_.numbers++;
        is_possible_ &= !is_personal;
        break;
      case ColumnType::kText:
      case ColumnType::kJson:
        made.place = is_personal ? Place::kPersonText : Place::kText;
        made.slot = is_personal ? layout_.person_texts++ : layout_.texts++;
        break;
      case ColumnType::kUuid:
        made.place = Place::kPerson;
        is_possible_ &= expression == search_.expression;
        break;
    }
    layout_.sources.push_back(std::move(made));
    return static_cast<std::uint16_t>(layout_.sources.size() - 1);
  }

  void add_orders() {
    std::vector<std::uint16_t> ties;
    for (const sql::Tie& tie : relation_.ties) {
      ties.push_back(source(tie.expression, {}, tie.type, false));
    }
    for (const sql::Order& order : relation_.orders) {
      IndexParts index{.parts = {source(order.key, {}, order.type, false)}};
      // People are ranked by their addresses alone.
      const Source& key = layout_.sources[index.parts.front()];
      is_possible_ &= key.place == Place::kNumber || key.place == Place::kText ||
                      index.parts.front() == layout_.address;
      if (!order.unique) {
        index.parts.insert(index.parts.end(), ties.begin(), ties.end());
      }
      layout_.indexes.push_back(std::move(index));
    }
    for (const Filter& filter : relation_.filters) {
      if (filter.is_ordered && filter.kind == FilterKind::kAnyOf) {
        IndexParts index{.parts = {source(filter.expression, {}, filter.type, false)},
                         .skips_null = true};
        const std::vector<std::uint16_t>& first = layout_.indexes.front().parts;
        index.parts.insert(index.parts.end(), first.begin(), first.end());
        layout_.indexes.push_back(std::move(index));
      }
    }
    layout_.key_index = layout_.indexes.size();
    layout_.indexes.push_back({.parts = std::move(ties)});
  }

  void add_filters() {
    for (std::size_t i = 0; i < relation_.filters.size(); ++i) {
      const Filter& filter = relation_.filters[i];
      const std::uint16_t of = source(filter.expression, {}, filter.type, false);
      layout_.filters.push_back(of);
      // Ranges are of numbers; a filter by a person's text is one by their address.
      is_possible_ &= filter.kind == FilterKind::kAnyOf || filter.kind == FilterKind::kSearch ||
                      layout_.sources[of].place == Place::kNumber;
      if (filter.is_joint && filter.kind == FilterKind::kAnyOf &&
          layout_.sources[of].place == Place::kText) {
        layout_.joint.push_back(static_cast<std::uint16_t>(i));
      }
    }
  }

  const Relation& relation_;
  const Filter& search_;
  const PeopleJoin people_;
  Layout layout_;
  bool is_possible_ = true;
};

}  // namespace

std::optional<Layout> Layout::of(const Relation& relation) {
  const auto search = std::ranges::find(relation.filters, FilterKind::kSearch, &Filter::kind);
  const bool starts_with_person = !relation.ties.empty() && search != relation.filters.end() &&
                                  relation.ties.front().expression == search->expression;
  if (!starts_with_person || !relation.fixed.empty() || !relation.ties_are_key ||
      relation.orders.empty() || !relation.orders.front().by_person ||
      relation.orders.front().unique) {
    return std::nullopt;
  }
  std::optional<PeopleJoin> people = people_join(relation, search->expression);
  return people ? LayoutMaker(relation, *search, *std::move(people)).make() : std::nullopt;
}

std::optional<std::size_t> Layout::index_of(std::uint16_t source) const {
  const auto found = std::ranges::find_if(
      indexes, [&](const IndexParts& index) { return index.parts.front() == source; });
  return found == indexes.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(found - indexes.begin()));
}

}  // namespace matricula::readmodel
