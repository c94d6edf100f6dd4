#include "records/record_sql.h"

#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "base/join.h"

namespace matricula::records {
namespace {

// Columns that hold copies, set by the writer and not by the record.
std::vector<std::string_view> copied_columns(const Entity& entity) {
  if (entity.id == EntityId::kProgramProgress) {
    return {"email_key", "title_key"};
  }
  return {};
}

constexpr std::string_view kNumberColumn = "change_seq";

bool is_conflict_column(const Entity& entity, std::string_view column) {
  return fmt::format(", {},", entity.conflict_columns).find(fmt::format(" {},", column)) !=
         std::string::npos;
}

std::vector<std::string_view> field_columns(const Entity& entity) {
  std::vector<std::string_view> columns;
  for (const Field& field : entity.fields) {
    columns.push_back(field.column);
  }
  return columns;
}

std::vector<std::string_view> all_columns(const Entity& entity) {
  std::vector<std::string_view> columns = field_columns(entity);
  for (const std::string_view column : copied_columns(entity)) {
    columns.push_back(column);
  }
  if (is_progress(entity.id)) {
    columns.push_back(kNumberColumn);
  }
  return columns;
}

// The time that a replaced record has afterwards.
std::string time_value(const Entity& entity, sql::Dialect dialect, BroughtTimes times,
                       std::string_view column) {
  if (times == BroughtTimes::kAlways) {
    return fmt::format("excluded.{}", column);
  }
  return fmt::format("{0}(excluded.{1}, coalesce({2}.moved_at, excluded.{1}))",
                     dialect == sql::Dialect::kSqlite ? "max" : "greatest", column, entity.name);
}

}  // namespace

bool is_progress(EntityId entity) {
  return entity == EntityId::kProgramProgress || entity == EntityId::kAssessmentProgress ||
         entity == EntityId::kLearningPlanProgress;
}

std::string column_list(const Entity& entity) {
  return joined(field_columns(entity));
}

std::string insert_or_replace_sql(const Entity& entity, sql::Dialect dialect, BroughtTimes times,
                                  std::string_view rows, std::string_view brings_time) {
  const std::string_view differs = dialect == sql::Dialect::kSqlite ? "IS NOT" : "IS DISTINCT FROM";
  const std::vector<std::string_view> columns = all_columns(entity);
  std::string_view now_column;
  for (const Field& field : entity.fields) {
    now_column = field.defaults_to_now ? field.column : now_column;
  }
  std::string changes;
  std::string condition;
  for (const std::string_view column : columns) {
    if (is_conflict_column(entity, column)) {
      continue;
    }
    const std::string value = column == now_column ? time_value(entity, dialect, times, column)
                                                   : fmt::format("excluded.{}", column);
    changes += fmt::format("{}{} = {}", changes.empty() ? "" : ", ", column, value);
    if (column == kNumberColumn) {
      continue;
    }
    const std::string flag = column == now_column ? fmt::format("{} AND ", brings_time) : "";
    condition += fmt::format("{}({}{}.{} {} {})", condition.empty() ? "" : " OR ", flag,
                             entity.name, column, differs, value);
  }
  if (times == BroughtTimes::kAlways && is_progress(entity.id)) {
    // updated_at is never before moved_at.
    changes +=
        fmt::format(", moved_at = CASE WHEN {0}.moved_at <= excluded.{1} THEN {0}.moved_at END",
                    entity.name, now_column);
  }
  const std::string action =
      changes.empty() ? "NOTHING" : fmt::format("UPDATE SET {} WHERE {}", changes, condition);
  return fmt::format("INSERT INTO {} ({}) {} ON CONFLICT ({}) DO {}", entity.name, joined(columns),
                     rows, entity.conflict_columns, action);
}

std::string stored_columns(const Entity& entity) {
  return joined(all_columns(entity));
}

std::string upsert_sql(const Entity& entity, sql::Dialect dialect, BroughtTimes times) {
  const std::vector<std::string_view> columns = all_columns(entity);
  std::string places;
  for (std::size_t i = 1; i <= columns.size(); ++i) {
    places += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
  }
  return insert_or_replace_sql(entity, dialect, times, fmt::format("VALUES ({})", places),
                               fmt::format("?{} = 1", columns.size() + 1));
}

std::string delete_sql(const Entity& entity) {
  std::string condition;
  std::size_t place = 0;
  for (const Field& field : entity.fields) {
    if (field.is_key) {
      ++place;
      condition += fmt::format("{}{} = ?{}", condition.empty() ? "" : " AND ", field.column, place);
    }
  }
  if (entity.id == EntityId::kLearningPlanProgress) {
    // The key lacks the company that every index begins with; it is the plan's.
    condition += " AND company_id IN (SELECT company_id FROM learning_plans WHERE id = ?1)";
  }
  return fmt::format("DELETE FROM {} WHERE {}", entity.name, condition);
}

}  // namespace matricula::records
