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

// The beginnings of a join with people, whether each row has a person or not.
constexpr std::string_view kPeopleJoins[] = {"JOIN users ", "LEFT JOIN users "};

// The join that finds the row's person, by which expression, and the alias of people in it.
struct PeopleJoin {
  unsigned number = sql::kNoJoin;
  std::string alias;
  std::string id;
};

std::optional<PeopleJoin> people_join(const Relation& relation) {
  for (std::size_t i = 0; i < relation.joins.size(); ++i) {
    for (const std::string_view kind : kPeopleJoins) {
      if (!relation.joins[i].starts_with(kind)) {
        continue;
      }
      const std::string_view rest = relation.joins[i].substr(kind.size());
      std::string alias(rest.substr(0, rest.find(' ')));
      const std::string start = fmt::format("{0} ON {0}.id = ", alias);
      if (rest.starts_with(start)) {
        return PeopleJoin{.number = static_cast<unsigned>(i),
                          .alias = std::move(alias),
                          .id = std::string(rest.substr(start.size()))};
      }
    }
  }
  return std::nullopt;
}

class LayoutMaker {
 public:
  LayoutMaker(const Relation& relation, PeopleJoin people)
      : relation_(relation), people_(std::move(people)) {
    layout_.relation = &relation;
  }

  std::optional<Layout> make() {
    if (!people_.id.empty()) {
      layout_.person = source(people_.id, ColumnType::kUuid, Place::kPerson);
    }
    add_search();
    add_orders();
    add_filters();
    for (const sql::Column& column : relation_.columns) {
      add_column(column);
    }
    for (Source& source : layout_.sources) {
      if (source.place == Place::kOwnText) {
        source.slot = static_cast<std::uint16_t>(source.slot + layout_.texts);
      }
    }
    layout_.stride = (layout_.person_offset() + 4 + 7) / 8 * 8;
    return is_possible_ ? std::optional(std::move(layout_)) : std::nullopt;
  }

 private:
  // `texts` is where a text is kept whose expression is not known yet.
  std::uint16_t source(std::string_view expression, ColumnType type, Place texts) {
    const auto found = std::ranges::find(layout_.sources, expression, &Source::expression);
    if (found != layout_.sources.end()) {
      is_possible_ &= found->type == type;
      return static_cast<std::uint16_t>(found - layout_.sources.begin());
    }
    Source made{.expression = std::string(expression),
                .postgres = std::string(expression),
                .type = type,
                .place = texts};
    switch (type) {
      case ColumnType::kInteger:
      case ColumnType::kReal:
      case ColumnType::kBoolean:
      case ColumnType::kTime:
        is_possible_ &= texts != Place::kPersonText;
        made.place = Place::kNumber;
        made.slot = layout_.numbers++;
        break;
      case ColumnType::kText:
      case ColumnType::kJson:
        made.slot = texts == Place::kPersonText ? layout_.person_texts++
                    : texts == Place::kOwnText  ? layout_.own_texts++
                                                : layout_.texts++;
        break;
      case ColumnType::kUuid:
        made.place = Place::kPerson;
        is_possible_ &= expression == people_.id;
        break;
    }
    layout_.sources.push_back(std::move(made));
    return static_cast<std::uint16_t>(layout_.sources.size() - 1);
  }

  // Free text is looked for in people's texts, in the first order.
  void add_search() {
    const auto search = std::ranges::find(relation_.filters, FilterKind::kSearch, &Filter::kind);
    const sql::Order& first = relation_.orders.front();
    if (search == relation_.filters.end()) {
      return;
    }
    is_possible_ &= search->expression == people_.id && first.by_person && !first.unique &&
                    relation_.fixed.empty() && !relation_.ties.empty() &&
                    relation_.ties.front().expression == people_.id;
    layout_.is_by_person = true;
    layout_.address = source(first.key, first.type, Place::kPersonText);
    layout_.search_text = source(people_.alias + ".search", ColumnType::kText, Place::kPersonText);
  }

  void add_orders() {
    std::vector<std::uint16_t> fixed;
    for (const sql::FixedColumn& column : relation_.fixed) {
      fixed.push_back(source(column.expression, column.type, Place::kText));
      // Rows are grouped by the ranks of these.
      is_possible_ &= layout_.sources[fixed.back()].place == Place::kText && fixed.size() == 1;
    }
    layout_.fixed = fixed.size();
    // A tie that stands alone is a text that no two rows share.
    const Place tie_texts = relation_.ties.size() == 1 ? Place::kOwnText : Place::kText;
    std::vector<std::uint16_t> ties;
    for (const sql::Tie& tie : relation_.ties) {
      ties.push_back(source(tie.expression, tie.type, tie_texts));
    }
    for (const sql::Order& order : relation_.orders) {
      IndexParts index{.parts = fixed};
      index.parts.push_back(source(order.key, order.type, Place::kText));
      // People are ranked by their addresses alone.
      is_possible_ &= layout_.sources[index.parts.back()].place != Place::kPersonText ||
                      index.parts.back() == layout_.address;
      if (!order.unique) {
        index.parts.insert(index.parts.end(), ties.begin(), ties.end());
      }
      layout_.indexes.push_back(std::move(index));
    }
    for (const Filter& filter : relation_.filters) {
      if (filter.is_ordered && filter.kind == FilterKind::kAnyOf) {
        const auto first = layout_.free_parts(0);
        IndexParts index{.parts = fixed, .skips_null = true, .continues_first = true};
        index.parts.push_back(source(filter.expression, filter.type, Place::kText));
        index.parts.insert(index.parts.end(), first.begin(), first.end());
        layout_.indexes.push_back(std::move(index));
      }
    }
    IndexParts key{.parts = fixed};
    key.parts.insert(key.parts.end(), ties.begin(), ties.end());
    // An order by the key alone is the key's index, too.
    const auto same = std::ranges::find(layout_.indexes, key.parts, &IndexParts::parts);
    layout_.key_index = static_cast<std::size_t>(same - layout_.indexes.begin());
    if (same == layout_.indexes.end()) {
      layout_.indexes.push_back(std::move(key));
    }
  }

  void add_filters() {
    for (std::size_t i = 0; i < relation_.filters.size(); ++i) {
      const Filter& filter = relation_.filters[i];
      const std::uint16_t of = source(filter.expression, filter.type, Place::kText);
      const Place place = layout_.sources[of].place;
      layout_.filters.push_back(of);
      // Ranges are supported for numbers alone, and filters by a text of a person for addresses
      // alone.
      is_possible_ &= filter.kind == FilterKind::kAnyOf || filter.kind == FilterKind::kSearch ||
                      place == Place::kNumber;
      if (filter.kind != FilterKind::kAnyOf) {
        continue;
      }
      if (is_counted(filter) && place == Place::kText) {
        layout_.joint.push_back(static_cast<std::uint16_t>(i));
      } else if (filter.indexed && !layout_.index_of(of)) {
        const IndexParts& key = layout_.indexes[layout_.key_index];
        IndexParts index{.parts = key.parts, .skips_null = true};
        index.parts.insert(index.parts.begin() + static_cast<std::ptrdiff_t>(layout_.fixed), of);
        layout_.indexes.push_back(std::move(index));
      }
    }
  }

  // Whether rows are counted by the values of this filter alone.
  bool is_counted(const Filter& filter) const {
    return !relation_.histograms.empty() &&
           std::ranges::find(relation_.histograms.front().filters, filter.name) !=
               relation_.histograms.front().filters.end();
  }

  // A text of the row that no filter and no order uses is stored row by row: it may differ in each.
  void add_column(const sql::Column& column) {
    const bool is_personal = column.join == people_.number && column.join != sql::kNoJoin;
    const Place texts = is_personal                   ? Place::kPersonText
                        : column.join == sql::kNoJoin ? Place::kOwnText
                                                      : Place::kText;
    const std::uint16_t of = source(column.expression, column.type, texts);
    if (!column.postgres.empty()) {
      layout_.sources[of].postgres = column.postgres;
    }
    layout_.columns.push_back(of);
  }

  const Relation& relation_;
  const PeopleJoin people_;
  Layout layout_;
  bool is_possible_ = true;
};

}  // namespace

std::optional<Layout> Layout::of(const Relation& relation) {
  if (!relation.ties_are_key || relation.orders.empty()) {
    return std::nullopt;
  }
  return LayoutMaker(relation, people_join(relation).value_or(PeopleJoin())).make();
}

bool is_null(const Layout& layout, const std::byte* row, const Source& source) {
  switch (source.place) {
    case Place::kNumber:
      return number_bits(row, source.slot) == kNullNumber;
    case Place::kText:
    case Place::kOwnText:
      return text_code(layout, row, source.slot) == kNullCode;
    case Place::kPerson:
    case Place::kPersonText:
      break;
  }
  return person_of(layout, row) == kNoPerson;
}

std::optional<std::size_t> Layout::index_of(std::uint16_t source) const {
  const auto found = std::ranges::find_if(
      indexes, [&](const IndexParts& index) { return index.parts[fixed] == source; });
  return found == indexes.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(found - indexes.begin()));
}

}  // namespace matricula::readmodel
