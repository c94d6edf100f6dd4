#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "readmodel/builder.h"
#include "readmodel/editor.h"
#include "storage/people_block.h"

// For the tests of this folder: a small list like program progress, and the same as plain rows.
namespace matricula::readmodel {

using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

inline const sql::Relation& test_relation() {
  using sql::ColumnType;
  using sql::FilterKind;
  static const sql::Relation kRelation{
      .name = "enrolments",
      .table = "enrolments t",
      .tenant = "t.company_id = ?1",
      .fixed = {},
      .joins = {"JOIN users u ON u.id = t.user_id", "LEFT JOIN titles p ON p.key = t.program_key"},
      .columns = {{.name = "id", .expression = "t.user_id", .type = ColumnType::kUuid},
                  {.name = "email", .expression = "u.email", .join = 0},
                  {.name = "first", .expression = "u.first_name", .join = 0},
                  {.name = "program", .expression = "t.program_key"},
                  {.name = "title", .expression = "p.title", .join = 1},
                  {.name = "status", .expression = "t.status"},
                  {.name = "version", .expression = "t.version"},
                  {.name = "plan", .expression = "t.plan_id"},
                  {.name = "hours", .expression = "t.hours", .type = ColumnType::kReal},
                  {.name = "activeAt", .expression = "t.active_at", .type = ColumnType::kTime},
                  {.name = "updatedAt", .expression = "t.updated_at", .type = ColumnType::kTime}},
      .orders = {{.name = "EMAIL", .key = "t.email_key", .by_person = true},
                 {.name = "TITLE", .key = "t.title_key"},
                 {.name = "STATUS", .key = "t.status"},
                 {.name = "ACTIVE", .key = "t.active_key", .type = ColumnType::kTime},
                 {.name = "HOURS", .key = "t.hours", .type = ColumnType::kReal},
                 {.name = "UPDATED", .key = "t.updated_at", .type = ColumnType::kTime}},
      .ties = {{.expression = "t.user_id", .type = ColumnType::kUuid},
               {.expression = "t.program_key"}},
      .filters = {{.name = "ids", .expression = "t.user_id", .type = ColumnType::kUuid},
                  {.name = "emails", .expression = "t.email_key", .lower_case = true},
                  {.name = "query",
                   .expression = "t.user_id",
                   .type = ColumnType::kUuid,
                   .kind = FilterKind::kSearch},
                  {.name = "plans", .expression = "t.plan_id", .is_ordered = true},
                  {.name = "programs", .expression = "t.program_key", .is_ordered = true},
                  {.name = "updated",
                   .expression = "t.updated_at",
                   .type = ColumnType::kTime,
                   .kind = FilterKind::kHalfOpen},
                  {.name = "active",
                   .expression = "t.active_key",
                   .type = ColumnType::kTime,
                   .kind = FilterKind::kHalfOpen,
                   .null_key = true},
                  {.name = "activeAt",
                   .expression = "t.active_at",
                   .type = ColumnType::kTime,
                   .kind = FilterKind::kHalfOpen},
                  {.name = "hours",
                   .expression = "t.hours",
                   .type = ColumnType::kReal,
                   .kind = FilterKind::kClosed},
                  {.name = "status", .expression = "t.status", .is_joint = true},
                  {.name = "type", .expression = "t.type", .is_joint = true}},
      .ties_are_key = true,
      .histograms = {{.table = "counts t", .filters = {"status", "type"}}}};
  return kRelation;
}

// Each of another person, or of none; no two rows share the text of the key.
inline const sql::Relation& attempts_relation() {
  using sql::ColumnType;
  using sql::FilterKind;
  static const sql::Relation kRelation{
      .name = "attempts",
      .table = "attempts t",
      .tenant = "t.company_id = ?1",
      .fixed = {},
      .joins = {"LEFT JOIN users v ON v.id = t.learner_id"},
      .columns = {{.name = "id", .expression = "t.learner_id", .type = ColumnType::kUuid},
                  {.name = "attempt", .expression = "t.attempt_id"},
                  {.name = "program", .expression = "t.program_key"},
                  {.name = "status", .expression = "t.status"},
                  {.name = "report", .expression = "t.report"},
                  {.name = "hours", .expression = "t.hours", .type = ColumnType::kReal},
                  {.name = "updatedAt", .expression = "t.updated_at", .type = ColumnType::kTime},
                  {.name = "email", .expression = "v.email", .join = 0}},
      .orders = {{.name = "STATUS", .key = "t.status"},
                 {.name = "UPDATED", .key = "t.updated_at", .type = ColumnType::kTime},
                 {.name = "HOURS", .key = "t.hours", .type = ColumnType::kReal}},
      .ties = {{.expression = "t.attempt_id"}},
      .filters = {{.name = "ids",
                   .expression = "t.learner_id",
                   .type = ColumnType::kUuid,
                   .indexed = true},
                  {.name = "programs", .expression = "t.program_key", .indexed = true},
                  {.name = "plans", .expression = "t.plan_id"},
                  {.name = "updated",
                   .expression = "t.updated_at",
                   .type = ColumnType::kTime,
                   .kind = FilterKind::kHalfOpen,
                   .indexed = true},
                  {.name = "status", .expression = "t.status", .indexed = true},
                  {.name = "type", .expression = "t.type", .indexed = true}},
      .ties_are_key = true,
      .histograms = {{.table = "counts t", .filters = {"status", "type"}}}};
  return kRelation;
}

// One of the rows of each program.
inline const sql::Relation& learners_relation() {
  using sql::ColumnType;
  using sql::FilterKind;
  static const sql::Relation kRelation{
      .name = "learners",
      .table = "learners t",
      .tenant = "t.company_id = ?1",
      .fixed = {{.name = "program", .expression = "t.program_key"}},
      .joins = {"JOIN users u ON u.id = t.user_id", "LEFT JOIN titles p ON p.key = t.program_key"},
      .columns = {{.name = "id", .expression = "t.user_id", .type = ColumnType::kUuid},
                  {.name = "program", .expression = "t.program_key"},
                  {.name = "email", .expression = "u.email", .join = 0},
                  {.name = "title", .expression = "p.title", .join = 1},
                  {.name = "status", .expression = "t.status"},
                  {.name = "activeAt", .expression = "t.active_at", .type = ColumnType::kTime}},
      .orders = {{.name = "UPDATED", .key = "t.updated_at", .type = ColumnType::kTime},
                 {.name = "ACTIVE", .key = "t.active_key", .type = ColumnType::kTime},
                 {.name = "USER", .key = "t.user_id", .type = ColumnType::kUuid, .unique = true}},
      .ties = {{.expression = "t.user_id", .type = ColumnType::kUuid}},
      .filters =
          {{.name = "ids", .expression = "t.user_id", .type = ColumnType::kUuid, .indexed = true},
           {.name = "active",
            .expression = "t.active_key",
            .type = ColumnType::kTime,
            .kind = FilterKind::kHalfOpen,
            .indexed = true,
            .null_key = true},
           {.name = "updated",
            .expression = "t.updated_at",
            .type = ColumnType::kTime,
            .kind = FilterKind::kHalfOpen,
            .indexed = true},
           {.name = "status", .expression = "t.status"}},
      .ties_are_key = true,
      .histograms = {{.table = "counts t", .filters = {"status"}}}};
  return kRelation;
}

struct PlainPerson {
  std::string id;  // sixteen bytes
  std::string email;
  std::string first;
  std::string last;

  std::string search() const {
    std::string out;
    for (const std::string& part : {email, first, last, first + " " + last}) {
      out += out.empty() ? "" : "\n";
      storage::append_search_part(to_lower(part), out);
    }
    return out;
  }
};

struct PlainRow {
  std::uint32_t person = 0;
  std::string program = {};
  std::string status = {};
  std::string type = {};
  std::optional<std::string> plan = {};
  double hours = 0;
  std::optional<std::int64_t> active = {};
  std::int64_t updated = 0;
};

// The list as it is to be, in plain maps.
struct PlainList {
  std::vector<PlainPerson> people;
  std::map<std::string, std::string> titles;                     // by program
  std::map<std::pair<std::string, std::string>, PlainRow> rows;  // by person's id and program

  Cell cell(const PlainRow& row, std::string_view expression) const {
    return expression.starts_with("t.") ? own_cell(row, expression) : joined_cell(row, expression);
  }

 private:
  Cell joined_cell(const PlainRow& row, std::string_view expression) const {
    const PlainPerson& person = people[row.person];
    if (expression == "p.title") {
      const auto title = titles.find(row.program);
      return title == titles.end() ? Cell() : Cell(title->second);
    }
    if (expression == "v.email" && !row.plan) {
      return {};
    }
    return expression == "u.search"       ? person.search()
           : expression == "u.first_name" ? person.first
                                          : person.email;
  }
  Cell own_cell(const PlainRow& row, std::string_view expression) const {
    const PlainPerson& person = people[row.person];
    if (expression == "t.title_key") {
      const auto title = titles.find(row.program);
      return title == titles.end() ? std::string() : "." + to_lower(title->second);
    }
    if (expression == "t.report") {
      return row.active ? Cell(std::string(static_cast<std::size_t>(*row.active + 11), 'x') + "\"" +
                               row.status)
                        : Cell();
    }
    // Attempts without a plan belong to no person.
    if (expression == "t.learner_id") {
      return row.plan ? Cell(person.id) : Cell();
    }
    return expression == "t.user_id"       ? Cell(person.id)
           : expression == "t.attempt_id"  ? Cell(row.program + person.id[0] + "/" + person.id)
           : expression == "t.email_key"   ? Cell(to_lower(person.email))
           : expression == "t.program_key" ? Cell(row.program)
           : expression == "t.status"      ? Cell(row.status)
           : expression == "t.version"     ? Cell(row.status.substr(0, 3))
           : expression == "t.type"        ? Cell(row.type)
           : expression == "t.plan_id"     ? row.plan ? Cell(*row.plan) : Cell()
               : expression == "t.hours" ? Cell(row.hours)
           : expression == "t.active_at"   ? row.active ? Cell(*row.active) : Cell()
             : expression == "t.active_key" ? Cell(row.active.value_or(sql::kNullTimeKey))
                                           : Cell(row.updated);
  }
};

// Rows as the store would give them: a column for each source of the layout.
class PlainRows final : public storage::Rows {
 public:
  PlainRows(const PlainList& list, const Layout& layout) : list_(list), layout_(layout) {}
  void set(const PlainRow& row) {
    cells_.clear();
    for (const Source& source : layout_.sources) {
      cells_.push_back(list_.cell(row, source.expression));
    }
  }
  Result<bool> next() override { return false; }
  bool is_null(unsigned column) const override {
    return std::holds_alternative<std::monostate>(cells_[column]);
  }
  std::int64_t integer(unsigned column) const override {
    return std::get<std::int64_t>(cells_[column]);
  }
  double real(unsigned column) const override { return std::get<double>(cells_[column]); }
  std::string_view text(unsigned column) const override {
    return std::get<std::string>(cells_[column]);
  }
  storage::Bytes bytes(unsigned column) const override {
    return std::as_bytes(std::span(std::get<std::string>(cells_[column])));
  }
  void finish() noexcept override {}

 private:
  const PlainList& list_;
  const Layout& layout_;
  std::vector<Cell> cells_;
};

// The rows in an order; null is the smallest value.
inline std::vector<const PlainRow*> sorted_rows(const PlainList& list,
                                                const std::vector<std::string>& expressions) {
  std::vector<std::pair<std::vector<Cell>, const PlainRow*>> keyed;
  for (const auto& [key, row] : list.rows) {
    std::vector<Cell> cells;
    cells.reserve(expressions.size());
    for (const std::string& expression : expressions) {
      cells.push_back(list.cell(row, expression));
    }
    keyed.emplace_back(std::move(cells), &row);
  }
  std::ranges::sort(keyed);
  std::vector<const PlainRow*> sorted;
  sorted.reserve(keyed.size());
  for (const auto& [cells, row] : keyed) {
    sorted.push_back(row);
  }
  return sorted;
}

// The expressions of an order's key and the ties, of the fixed columns before them.
inline std::vector<std::string> expressions_of(const sql::Relation& relation, std::size_t order) {
  std::vector<std::string> all;
  for (const sql::FixedColumn& fixed : relation.fixed) {
    all.emplace_back(fixed.expression);
  }
  all.emplace_back(relation.orders[order].key);
  for (const sql::Tie& tie : relation.ties) {
    if (!relation.orders[order].unique) {
      all.emplace_back(tie.expression);
    }
  }
  return all;
}

inline std::shared_ptr<const Snapshot> built(const PlainList& list, const Layout& layout) {
  SnapshotBuilder builder(layout);
  PlainRows from(list, layout);
  std::vector<std::string> expressions;
  for (const std::uint16_t part : layout.reading_order()) {
    expressions.push_back(layout.sources[part].expression);
  }
  for (const PlainRow* row : sorted_rows(list, expressions)) {
    from.set(*row);
    MATRICULA_ASSERT(builder.add(from).has_value());
  }
  auto made = builder.finish();
  MATRICULA_ASSERT(made.has_value());
  return *made;
}

// Random lists of few different values, so that ties, nulls and empty results are common.
class PlainListMaker {
 public:
  explicit PlainListMaker(std::uint32_t seed) : random_(seed) {}
  std::size_t pick(std::size_t bound) { return random_() % bound; }
  template <typename Values>
  auto one_of(const Values& values) {
    return values[pick(std::size(values))];
  }
  std::string new_email(std::size_t number) {
    static constexpr const char* kParts[] = {"ann", "Bea", "cy", "zo\xC3\xA9", "d.ö"};
    return one_of(kParts) + std::to_string(pick(50)) + "." + std::to_string(number) + "@x.example";
  }
  std::string new_name() {
    static constexpr const char* kNames[] = {"Ada",    "ada", "Grace", "Zoë",
                                             "O'Neil", "Li",  "",      "Line\nFeed"};
    return one_of(kNames);
  }
  PlainPerson person(std::size_t number) {
    std::string id(16, '\0');
    for (char& byte : id) {
      byte = static_cast<char>(pick(256));
    }
    return {.id = id, .email = new_email(number), .first = new_name(), .last = new_name()};
  }
  PlainRow row(std::uint32_t person) {
    static constexpr const char* kStatuses[] = {"ENROLLED", "GRADUATED", "UNENROLLED"};
    static constexpr const char* kTypes[] = {"COURSE", "PART"};
    static constexpr double kHours[] = {0, 0.5, 1.25, 100, 99.99};
    PlainRow made{.person = person,
                  .program = "p" + std::to_string(pick(12)),
                  .status = one_of(kStatuses),
                  .type = one_of(kTypes),
                  .plan = {},
                  .hours = one_of(kHours),
                  .active = {},
                  .updated = static_cast<std::int64_t>(pick(40)) - 20};
    if (pick(2) == 0) {
      made.plan = "plan" + std::to_string(pick(5));
    }
    if (pick(3) != 0) {
      made.active = static_cast<std::int64_t>(pick(30)) - 10;
    }
    return made;
  }
  PlainList list(std::size_t people) {
    PlainList made;
    for (int i = 0; i < 9; ++i) {
      made.titles["p" + std::to_string(i)] = "Title " + std::to_string(pick(4));
    }
    for (std::size_t i = 0; i < people; ++i) {
      made.people.push_back(person(i));
      for (std::size_t rows = pick(4); rows > 0; --rows) {
        const PlainRow each = row(static_cast<std::uint32_t>(i));
        made.rows[{made.people[i].id, each.program}] = each;
      }
    }
    return made;
  }

 private:
  std::mt19937 random_;
};

}  // namespace matricula::readmodel
