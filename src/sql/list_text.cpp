#include "sql/list_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "sql/list_conditions.h"

namespace matricula::sql {
namespace {

class TextBuilder {
 public:
  TextBuilder(const ListShape& shape, Dialect dialect, bool walks_order)
      : shape_(shape),
        relation_(*shape.relation),
        dialect_(dialect),
        conditions_(shape, dialect, walks_order, out_) {}

  std::string page() {
    const bool has_key = relation_.ties_are_key && !relation_.ties.empty();
    switch (dialect_) {
      case Dialect::kSqlite:
        if (has_key && shape_.lead == Lead::kFilter) {
          return page_of_found_keys();
        }
        return has_key && conditions_.is_any_covered() ? page_of_walked_keys() : plain_page();
      case Dialect::kPostgres:
        return has_key && shape_.limit_bound != 0 ? page_of_bounded_rows() : plain_page();
    }
    return {};
  }

  std::string count() {
    out_ = "SELECT count(*)";
    from();
    conditions_.where();
    return std::move(out_);
  }

  std::string kept(const Histogram& histogram) {
    out_ = fmt::format("SELECT CAST(coalesce(sum(t.row_count), 0) AS BIGINT) FROM {}",
                       histogram.table);
    conditions_.where();
    return std::move(out_);
  }

  std::string histogram(const Histogram& histogram) {
    out_ = "SELECT ";
    for (const std::string_view name : histogram.filters) {
      const auto filter = std::ranges::find(relation_.filters, name, &Filter::name);
      MATRICULA_ASSERT(filter != relation_.filters.end());
      out_ += fmt::format("{}, ", filter->expression);
    }
    out_ += fmt::format("t.row_count FROM {}", histogram.table);
    conditions_.where();
    out_ += fmt::format(" LIMIT {}", conditions_.parameter());
    return std::move(out_);
  }

  // A plain EXISTS, which PostgreSQL expects to be true soon, is planned as a scan of the whole
  // table. So the row next to the bound is selected through the index of the order.
  std::string exists() {
    MATRICULA_ASSERT(!(shape_.after && shape_.before));
    const bool is_nearest = dialect_ == Dialect::kPostgres && !conditions_.is_sorted();
    out_ = is_nearest ? "SELECT (SELECT 1" : "SELECT EXISTS (SELECT 1";
    from();
    if (const std::string_view index = relation_.orders[shape_.order].index;
        !index.empty() && shape_.lead == Lead::kOrder && dialect_ == Dialect::kSqlite) {
      out_ += fmt::format(" INDEXED BY {}", index);
    }
    conditions_.where();
    conditions_.bound(shape_.after, conditions_.is_upwards() ? "<=" : ">=");
    conditions_.bound(shape_.before, conditions_.is_upwards() ? ">=" : "<=");
    if (is_nearest) {
      conditions_.order_from_bound(shape_.after);
      out_ += " LIMIT 1";
    }
    out_ += is_nearest ? ") IS NOT NULL" : ")";
    return std::move(out_);
  }

  std::string probe() {
    out_ = "SELECT count(*) FROM (SELECT 1";
    from();
    conditions_.where();
    out_ += fmt::format(" LIMIT {}) found", conditions_.parameter());
    return std::move(out_);
  }

 private:
  using OrderKey = ConditionWriter::OrderKey;

  // Of rows that come by an index, or are sorted.
  OrderKey order_of_rows() const {
    return conditions_.is_sorted() ? OrderKey::kHidden : OrderKey::kSeen;
  }

  // The rows come in the order in which they are found, and only those of the page are joined.
  std::string plain_page() {
    columns();
    from();
    joins();
    conditions_.where();
    conditions_.bounds();
    conditions_.order_by(order_of_rows());
    out_ += " LIMIT ";
    out_ += conditions_.parameter();
    return std::move(out_);
  }

  // For a WITHOUT ROWID table SQLite looks up the whole row for each entry of an index that it
  // visits. Selected in a subquery, the index answers the conditions that it covers, and only rows
  // that pass are looked up.
  std::string page_of_walked_keys() {
    columns();
    conditions_.set_alias(kKeyAlias);
    from();
    out_ += " CROSS JOIN ";
    out_ += relation_.table;
    out_ += " ON ";
    key_join();
    joins();
    conditions_.where();
    conditions_.bounds();
    conditions_.order_by(OrderKey::kSeen);
    out_ += " LIMIT ";
    out_ += conditions_.parameter();
    return std::move(out_);
  }

  // The keys of the rows that a filter matches are sorted, and only the rows of the page are looked
  // up.
  std::string page_of_found_keys() {
    columns();
    out_ += " FROM (SELECT ";
    tie_list();
    from();
    conditions_.where();
    conditions_.bounds();
    conditions_.order_by(OrderKey::kHidden);
    out_ += fmt::format(" LIMIT {}) k CROSS JOIN ", conditions_.parameter());
    row_of_key();
    joins();
    conditions_.order_by(OrderKey::kHidden);
    return std::move(out_);
  }

  // PostgreSQL's planner knows neither the limit nor the values: a subquery, which it plans for few
  // rows, finds the rows of the page, and they are joined after that.
  std::string page_of_bounded_rows() {
    const bool keys_only = conditions_.is_every_covered();
    columns();
    out_ += " FROM (SELECT * FROM (SELECT ";
    if (keys_only) {
      out_ += fmt::format("{}, ", relation_.orders[shape_.order].key);
      tie_list();
    } else {
      out_ += "t.*";
    }
    from();
    conditions_.where();
    conditions_.bounds();
    conditions_.order_by(order_of_rows());
    if (keys_only) {
      conditions_.set_alias(kKeyAlias);
    }
    out_ += fmt::format(" LIMIT {}) {}", shape_.limit_bound, keys_only ? "k" : "t");
    // Repeated at each level, so that the planner sees the order of the index and does not sort
    // again.
    if (shape_.lead == Lead::kOrder) {
      conditions_.order_by(OrderKey::kSeen);
    }
    out_ += fmt::format(" LIMIT {}) {}", conditions_.parameter(), keys_only ? "k" : "t");
    if (keys_only) {
      out_ += " JOIN ";
      row_of_key();
    }
    joins();
    conditions_.order_by(OrderKey::kSeen);
    return std::move(out_);
  }

  // The row whose ties were found.
  void row_of_key() {
    out_ += fmt::format("{} ON {}", relation_.table, relation_.tenant);
    for (std::size_t i = 0; i < relation_.fixed.size(); ++i) {
      out_ += fmt::format(" AND {} = ?{}", relation_.fixed[i].expression, i + 2);
    }
    for (const Tie& tie : relation_.ties) {
      out_ += fmt::format(" AND {} = {}", tie.expression, aliased(tie.expression, kKeyAlias));
    }
  }

  void columns() {
    out_ = "SELECT ";
    for (const std::uint16_t column : shape_.columns) {
      const Column& each = relation_.columns[column];
      const bool is_other = dialect_ == Dialect::kPostgres && !each.postgres.empty();
      out_ += is_other ? each.postgres : each.expression;
      out_ += ", ";
    }
    out_ += relation_.orders[shape_.order].key;
    if (!relation_.orders[shape_.order].unique) {
      for (const Tie& tie : relation_.ties) {
        out_ += fmt::format(", {}", tie.expression);
      }
    }
    further_columns();
  }

  // Statements of their own within the page's, over the same parameters.
  void further_columns() {
    if (shape_.with_beyond) {
      out_ += fmt::format(", ({})", exists_text(shape_, dialect_));
    }
    if (shape_.with_count != nullptr) {
      ListShape all = shape_;
      all.lead = Lead::kOrder;
      out_ += fmt::format(", ({})", kept_text(all, *shape_.with_count, dialect_));
    }
  }

  void tie_list() {
    std::string_view glue;
    for (const Tie& tie : relation_.ties) {
      out_ += fmt::format("{}{}", glue, tie.expression);
      glue = ", ";
    }
  }

  void from() {
    out_ += " FROM ";
    if (conditions_.is_by_value()) {
      out_ += conditions_.rows_by_value();
      return;
    }
    const std::size_t alias = relation_.table.rfind(' ');
    out_ += relation_.table.substr(0, alias + 1);
    out_ += conditions_.alias() == kRowAlias ? relation_.table.substr(alias + 1)
                                             : std::string_view("k");
    if (shape_.lead != Lead::kOrder && dialect_ == Dialect::kSqlite) {
      if (const std::string_view index =
              relation_.filters[shape_.conditions[shape_.driver].filter].index;
          !index.empty()) {
        out_ += fmt::format(" INDEXED BY {}", index);
      }
    }
  }

  void key_join() {
    const std::size_t equals = relation_.tenant.find(" = ");
    const std::string_view company = relation_.tenant.substr(0, equals);
    out_ += fmt::format("{} = {}", company, aliased(company, kKeyAlias));
    for (const FixedColumn& column : relation_.fixed) {
      out_ += fmt::format(" AND {} = {}", column.expression, aliased(column.expression, kKeyAlias));
    }
    for (const Tie& tie : relation_.ties) {
      out_ += fmt::format(" AND {} = {}", tie.expression, aliased(tie.expression, kKeyAlias));
    }
  }

  void joins() {
    for (std::size_t i = 0; i < relation_.joins.size(); ++i) {
      if (std::ranges::any_of(shape_.columns, [&](std::uint16_t column) {
            return relation_.columns[column].join == i;
          })) {
        out_ += ' ';
        out_ += relation_.joins[i];
      }
    }
  }

  const ListShape& shape_;
  const Relation& relation_;
  const Dialect dialect_;
  std::string out_;
  ConditionWriter conditions_;
};

}  // namespace

std::string in_list(std::string_view expression, std::string_view parameter, Dialect dialect) {
  switch (dialect) {
    case Dialect::kSqlite:
      return fmt::format("{} IN (SELECT value FROM value_list({}))", expression, parameter);
    case Dialect::kPostgres:
      return fmt::format("{} = ANY({})", expression, parameter);
  }
  return {};
}

std::string in_range(std::string_view expression, std::string_view from, std::string_view to,
                     FilterKind kind) {
  const std::string_view below = kind == FilterKind::kHalfOpen ? "<" : "<=";
  const std::string lower = from.empty() ? "" : fmt::format("{} >= {}", expression, from);
  const std::string upper = to.empty() ? "" : fmt::format("{} {} {}", expression, below, to);
  return fmt::format("{}{}{}", lower, lower.empty() || upper.empty() ? "" : " AND ", upper);
}

std::string contains(std::string_view expression, std::string_view parameter, Dialect dialect) {
  const std::string_view position = dialect == Dialect::kSqlite ? "instr" : "strpos";
  return fmt::format("{}({}, {}) > 0", position, expression, parameter);
}

std::string page_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect, true).page();
}

std::string count_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect, false).count();
}

std::string kept_text(const ListShape& shape, const Histogram& histogram, Dialect dialect) {
  return TextBuilder(shape, dialect, false).kept(histogram);
}

std::string histogram_text(const Relation& relation, const Histogram& histogram, Dialect dialect) {
  const ListShape shape{.relation = &relation, .columns = {}, .conditions = {}};
  return TextBuilder(shape, dialect, false).histogram(histogram);
}

std::string exists_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect, true).exists();
}

std::string probe_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect, false).probe();
}

}  // namespace matricula::sql
