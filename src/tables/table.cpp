#include "tables/table.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "base/assert.h"
#include "base/escape.h"
#include "base/join.h"
#include "records/record_sql.h"
#include "tables/column_notes.h"

namespace matricula::tables {
namespace {

using records::EntityId;

// A column of a progress table's GraphQL node that the row lacks. Values and nullability are those
// of the endpoint's mapping in domains/.
struct FlatColumn {
  std::string_view name;
  std::string_view expression;
  bool is_nullable = false;
  std::string_view description;
};

struct FlatForm {
  std::string_view joins;  // left ones, so that rows come in the order of `t` and none is lost
  std::span<const FlatColumn> columns;
};

constexpr std::string_view kEmailNote = "The e-mail address of the person.";

constexpr FlatColumn kProgramColumns[] = {
    {"userEmail", "u.email", false, kEmailNote},
    {"userFirstName", "u.first_name", false, "The first name of the person."},
    {"userLastName", "u.last_name", false, "The last name of the person."},
    {"programTitle", "p.title", true,
     "The program's title; null where the program is not in the catalog data."},
};
constexpr FlatColumn kAssessmentColumns[] = {
    {"userEmail", "u.email", true, kEmailNote},
    {"assessmentTitle", "a.title", true,
     "The title of the assessment; null where it is not in the catalog data."},
};
constexpr FlatColumn kPlanColumns[] = {
    {"userEmail", "u.email", false, kEmailNote},
    {"planTitle", "l.title", false, "The title of the learning plan."},
};

FlatForm flat_form(EntityId entity) {
  switch (entity) {
    case EntityId::kProgramProgress:
      return {.joins =
                  " LEFT JOIN users u ON u.id = t.user_id"
                  " LEFT JOIN program_titles p ON p.key = t.program_key",
              .columns = kProgramColumns};
    case EntityId::kAssessmentProgress:
      return {.joins =
                  " LEFT JOIN users u ON u.id = t.user_id"
                  " LEFT JOIN assessments a ON a.id = t.assessment_id",
              .columns = kAssessmentColumns};
    case EntityId::kLearningPlanProgress:
      return {.joins =
                  " LEFT JOIN users u ON u.id = t.user_id"
                  " LEFT JOIN learning_plans l ON l.id = t.plan_id",
              .columns = kPlanColumns};
    case EntityId::kCompanies:
    case EntityId::kContracts:
    case EntityId::kUsers:
    case EntityId::kPrograms:
    case EntityId::kContractPrograms:
    case EntityId::kAssessments:
    case EntityId::kContractAssessments:
    case EntityId::kLearningPlans:
      break;
  }
  return {};
}

std::string known_columns(const Table& table) {
  return joined(table.columns(), &Column::name);
}

std::optional<std::size_t> find_column(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns(), name, &Column::name);
  if (found == table.columns().end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - table.columns().begin());
}

}  // namespace

bool has_flat_form(EntityId entity) {
  return records::is_progress(entity);
}

Table::Table(EntityId entity, bool is_flat) : entity_(&records::entity(entity)), is_flat_(is_flat) {
  MATRICULA_ASSERT(!is_flat || has_flat_form(entity));
  for (const records::Field& field : entity_->fields) {
    columns_.push_back({.name = field.name,
                        .type = field.type,
                        .is_key = field.is_key,
                        .is_nullable = field.is_optional && !field.defaults_to_now,
                        .values = field.values,
                        .real_max = field.real_max,
                        .description = column_note(entity, field.name)});
  }
  if (is_flat_) {
    for (const FlatColumn& column : flat_form(entity).columns) {
      columns_.push_back({.name = column.name,
                          .is_nullable = column.is_nullable,
                          .description = column.description});
    }
  }
  MATRICULA_ASSERT(columns_.size() <= kColumnsMax);
}

std::string_view Table::description() const {
  return table_note(entity_->id);
}

std::string Table::select_list() const {
  std::string list;
  for (const records::Field& field : entity_->fields) {
    list += fmt::format("{}t.{}", list.empty() ? "" : ", ", field.column);
  }
  if (is_flat_) {
    for (const FlatColumn& column : flat_form(entity_->id).columns) {
      list += fmt::format(", {}", column.expression);
    }
  }
  return list;
}

std::string Table::from_list() const {
  return fmt::format("{} t{}", name(), is_flat_ ? flat_form(entity_->id).joins : "");
}

Result<std::vector<std::size_t>> select_columns(const Table& table, std::string_view names) {
  std::vector<std::size_t> chosen;
  for (;;) {
    const std::size_t comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    const std::optional<std::size_t> place = find_column(table, name);
    if (!place) {
      return fail(ErrorCode::kBadUserInput,
                  fmt::format("columns: {} is not a column of {}; its columns are {}.",
                              json_string(name), table.name(), known_columns(table)));
    }
    if (std::ranges::find(chosen, *place) != chosen.end()) {
      return fail(ErrorCode::kBadUserInput,
                  fmt::format("columns: {} appears twice; name each column once.", name));
    }
    chosen.push_back(*place);
    if (comma == std::string_view::npos) {
      return chosen;
    }
    names.remove_prefix(comma + 1);
  }
}

}  // namespace matricula::tables
