#include "sql/list_text.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace matricula::sql {
namespace {

class TextBuilder {
 public:
  TextBuilder(const ListShape& shape, Dialect dialect)
      : shape_(shape), relation_(*shape.relation), dialect_(dialect) {}

  std::string page() {
    walks_order_ = true;
    out_ = "SELECT ";
    for (const std::uint16_t column : shape_.columns) {
      const Column& each = relation_.columns[column];
      const bool is_other = dialect_ == Dialect::kPostgres && !each.postgres.empty();
      out_ += is_other ? each.postgres : each.expression;
      out_ += ", ";
    }
    out_ += key_list();
    from();
    where();
    bound(shape_.after, is_upwards() ? ">" : "<", false);
    bound(shape_.before, is_upwards() ? "<" : ">", false);
    order_by();
    if (dialect_ == Dialect::kPostgres && shape_.limit_bound != 0) {
      return fmt::format("SELECT * FROM ({} LIMIT {}) page LIMIT {}", out_, shape_.limit_bound,
                         parameter());
    }
    out_ += " LIMIT ";
    out_ += parameter();
    return std::move(out_);
  }

  std::string count() {
    out_ = "SELECT count(*)";
    from();
    where();
    return std::move(out_);
  }

  std::string exists() {
    MATRICULA_ASSERT(!(shape_.after && shape_.before));
    walks_order_ = true;
    out_ = "SELECT EXISTS (SELECT 1";
    from();
    where();
    bound(shape_.after, is_upwards() ? "<" : ">", true);
    bound(shape_.before, is_upwards() ? ">" : "<", true);
    out_ += ")";
    return std::move(out_);
  }

  std::string probe() {
    out_ = "SELECT count(*) FROM (SELECT 1";
    from();
    where();
    out_ += fmt::format(" LIMIT {}) found", parameter());
    return std::move(out_);
  }

 private:
  const Order& order() const { return relation_.orders[shape_.order]; }
  // Whether keys rise in the order that the client asked for.
  bool is_upwards() const { return !shape_.descending; }

  std::string parameter() { return fmt::format("?{}", ++parameters_); }

  std::string key_list() const {
    std::string keys{order().key};
    if (!order().unique) {
      for (const Tie& tie : relation_.ties) {
        keys += ", ";
        keys += tie.expression;
      }
    }
    return keys;
  }

  void from() {
    out_ += " FROM ";
    out_ += relation_.table;
    if (shape_.driver >= 0 && dialect_ == Dialect::kSqlite) {
      const ConditionShape& driver = shape_.conditions[static_cast<std::size_t>(shape_.driver)];
      if (const std::string_view index = relation_.filters[driver.filter].index; !index.empty()) {
        out_ += fmt::format(" INDEXED BY {}", index);
      }
    }
    for (std::size_t i = 0; i < relation_.joins.size(); ++i) {
      if (needs_join(static_cast<unsigned>(i))) {
        out_ += ' ';
        out_ += relation_.joins[i];
      }
    }
  }

  bool needs_join(unsigned join) const {
    for (const std::uint16_t column : shape_.columns) {
      if (relation_.columns[column].join == join) {
        return true;
      }
    }
    for (const ConditionShape& condition : shape_.conditions) {
      if (relation_.filters[condition.filter].join == join && !condition.through_index) {
        return true;
      }
    }
    return false;
  }

  void where() {
    ++parameters_;  // ?1, the company, stands in the tenant's condition
    out_ += " WHERE ";
    out_ += relation_.tenant;
    for (const FixedColumn& column : relation_.fixed) {
      const std::string value = parameter();
      if (!column.expression.empty()) {
        out_ += fmt::format(" AND {} = {}", column.expression, value);
      }
    }
    for (const ConditionShape& shape : shape_.conditions) {
      if (is_implied(shape)) {
        continue;
      }
      out_ += " AND ";
      condition(shape);
    }
  }

  // A range without an end to compare with: a bound of the page says more.
  bool is_implied(const ConditionShape& condition) const {
    const FilterKind kind = relation_.filters[condition.filter].kind;
    return (kind == FilterKind::kHalfOpen || kind == FilterKind::kClosed) && !condition.from &&
           !condition.to;
  }

  bool is_driver(const ConditionShape& condition) const {
    return shape_.driver >= 0 &&
           &condition == &shape_.conditions[static_cast<std::size_t>(shape_.driver)];
  }
  // SQLite, which knows nothing of the data here, must not leave the order's index for the index of
  // some filter: a unary plus takes a term out of its choice ("The SQLite Query Optimizer
  // Overview", section 2). The driver, and a range over the order's own key, stay visible.
  std::string_view hiding(const ConditionShape& condition, bool is_range) const {
    const bool is_of_order = is_range && shape_.driver < 0 &&
                             relation_.filters[condition.filter].expression == order().key;
    const bool is_visible =
        dialect_ != Dialect::kSqlite || !walks_order_ || is_driver(condition) || is_of_order;
    return is_visible ? "" : "+";
  }

  void condition(const ConditionShape& shape) {
    const Filter& filter = relation_.filters[shape.filter];
    switch (filter.kind) {
      case FilterKind::kAnyOf:
        any_of(filter, shape);
        return;
      case FilterKind::kHalfOpen:
      case FilterKind::kClosed:
        range(filter, shape);
        return;
      case FilterKind::kSearch:
        search(filter, shape);
        return;
    }
  }

  // A list over the key of the order that is walked leads in as the range of its values: SQLite
  // would take a list of one for an equality and no longer begin at a bound of the page.
  void any_of(const Filter& filter, const ConditionShape& shape) {
    out_ += in_list(fmt::format("{}{}", hiding(shape, false), filter.expression), parameter(),
                    dialect_);
    if (shape.from || shape.to) {
      out_ += " AND ";
      range(filter, shape);
    }
  }

  void range(const Filter& filter, const ConditionShape& shape) {
    const std::string_view hidden = hiding(shape, true);
    std::string_view glue = "(";
    if (shape.from) {
      out_ += fmt::format("{}{}{} >= {}", glue, hidden, filter.expression, parameter());
      glue = " AND ";
    }
    if (shape.to) {
      out_ += fmt::format("{}{}{} {} {}", glue, hidden, filter.expression,
                          filter.kind == FilterKind::kHalfOpen ? "<" : "<=", parameter());
    }
    out_ += ')';
  }

  void search(const Filter& filter, const ConditionShape& shape) {
    if (dialect_ == Dialect::kPostgres) {
      // An array of people is taken for a short one, and the list is then asked for each of them.
      out_ += shape.through_index
                  ? fmt::format("{} = ANY (ARRAY(SELECT id FROM users WHERE search LIKE {}))",
                                filter.person, parameter())
                  : fmt::format("strpos({}, {}) > 0", filter.expression, parameter());
      return;
    }
    if (shape.through_index) {
      out_ += fmt::format(
          "{} IN (SELECT person.id FROM user_search"
          " JOIN users person ON person.number = user_search.rowid"
          " WHERE user_search MATCH {})",
          filter.person, parameter());
      return;
    }
    out_ +=
        fmt::format("instr({}{}, {}) > 0", hiding(shape, false), filter.expression, parameter());
  }

  void bound(bool present, std::string_view comparison, bool inclusive) {
    if (!present) {
      return;
    }
    const bool driven = shape_.driver >= 0 && dialect_ == Dialect::kSqlite;
    std::string parameters = parameter();
    if (!order().unique) {
      for (std::size_t i = 0; i < relation_.ties.size(); ++i) {
        parameters += ", ";
        parameters += parameter();
      }
    }
    out_ += fmt::format(" AND ({}{}) {}{} ({})", driven ? "+" : "", key_list(), comparison,
                        inclusive ? "=" : "", parameters);
  }

  void order_by() {
    const bool rising = is_upwards() == (shape_.way == Way::kForwards);
    const std::string_view direction = rising ? "" : " DESC";
    const bool driven = shape_.driver >= 0 && dialect_ == Dialect::kSqlite;
    out_ += fmt::format(" ORDER BY {}{}{}", driven ? "+" : "", order().key, direction);
    if (!order().unique) {
      for (const Tie& tie : relation_.ties) {
        out_ += fmt::format(", {}{}", tie.expression, direction);
      }
    }
  }

  const ListShape& shape_;
  const Relation& relation_;
  Dialect dialect_;
  std::string out_;
  int parameters_ = 0;
  bool walks_order_ = false;  // pages and bounds follow the order's index; counts need not
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

std::string page_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect).page();
}

std::string count_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect).count();
}

std::string exists_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect).exists();
}

std::string probe_text(const ListShape& shape, Dialect dialect) {
  return TextBuilder(shape, dialect).probe();
}

}  // namespace matricula::sql
