#include "exchange/sqlite_tables.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "base/assert.h"

namespace matricula::exchange {
namespace {

using records::Entity;
using records::EntityId;
using records::Field;
using records::FieldType;
using storage::Bind;

static_assert(kTimeTextMax <= kUuidTextBytes);

// The file is not used until it is complete, so it needs no log and no syncing of its own.
constexpr const char* kBegin = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN";

std::string quoted(std::string_view name) {
  return fmt::format("\"{}\"", name);
}

std::string_view column_type(FieldType type) {
  switch (type) {
    case FieldType::kInteger:
    case FieldType::kFlag:
      return "INTEGER";
    case FieldType::kReal:
      return "REAL";
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kUuid:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kTime:
    case FieldType::kDuration:
    case FieldType::kEnum:
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      break;
  }
  return "TEXT";
}

// One title for each program, chosen as in the store's table program_titles.
constexpr std::string_view kProgramTitle =
    "(SELECT p.title FROM programs p WHERE p.key = t.programKey ORDER BY p.locale <> 'en-us', "
    "p.locale LIMIT 1)";

struct ViewColumn {
  std::string_view name;
  std::string_view expression;
};

// What the view of a progress table shows beside its row: the columns of its flat form.
struct View {
  std::vector<ViewColumn> columns;
  std::string_view joins;
  std::vector<EntityId> needs;
};

View view_of(EntityId entity) {
  if (entity == EntityId::kProgramProgress) {
    return {.columns = {{"userEmail", "u.email"},
                        {"userFirstName", "u.firstName"},
                        {"userLastName", "u.lastName"},
                        {"programTitle", kProgramTitle}},
            .joins = "LEFT JOIN users u ON u.id = t.userId",
            .needs = {EntityId::kUsers, EntityId::kPrograms}};
  }
  if (entity == EntityId::kAssessmentProgress) {
    return {.columns = {{"userEmail", "u.email"}, {"assessmentTitle", "a.title"}},
            .joins =
                "LEFT JOIN users u ON u.id = t.userId "
                "LEFT JOIN assessments a ON a.id = t.assessmentId",
            .needs = {EntityId::kUsers, EntityId::kAssessments}};
  }
  return {.columns = {{"userEmail", "u.email"}, {"planTitle", "l.title"}},
          .joins =
              "LEFT JOIN users u ON u.id = t.userId "
              "LEFT JOIN learning_plans l ON l.id = t.planId",
          .needs = {EntityId::kUsers, EntityId::kLearningPlans}};
}

// The key of a program includes its locale, so no foreign key can refer to a program.
bool has_referable_key(EntityId entity) {
  return entity != EntityId::kPrograms;
}

// What the view of the table needs and `entities` lack.
std::vector<EntityId> missing_needs(EntityId table, std::span<const EntityId> entities) {
  std::vector<EntityId> missing;
  std::ranges::copy_if(view_of(table).needs, std::back_inserter(missing), [&](EntityId needed) {
    return std::ranges::find(entities, needed) == entities.end();
  });
  return missing;
}

}  // namespace

std::vector<MissingView> missing_views(std::span<const EntityId> entities) {
  std::vector<MissingView> missing;
  for (const EntityId table : entities) {
    if (tables::has_flat_form(table)) {
      if (std::vector<EntityId> needs = missing_needs(table, entities); !needs.empty()) {
        missing.push_back({table, std::move(needs)});
      }
    }
  }
  return missing;
}

SqliteTables::SqliteTables(std::string path, storage::sqlite::Connection connection,
                           std::span<const EntityId> entities)
    : path_(std::move(path)),
      connection_(std::move(connection)),
      entities_(entities.begin(), entities.end()) {}

Result<SqliteTables> SqliteTables::open(const std::string& path,
                                        std::span<const EntityId> entities) {
  MATRICULA_TRY(storage::sqlite::Connection connection,
                storage::sqlite::open_bare(path, SQLITE_OPEN_READWRITE));
  SqliteTables tables(path, std::move(connection), entities);
  MATRICULA_CHECK(tables.run(kBegin));
  return tables;
}

bool SqliteTables::has(EntityId entity) const {
  return std::ranges::find(entities_, entity) != entities_.end();
}

tl::unexpected<Error> SqliteTables::failed(const Error& error) const {
  return fail(ErrorCode::kIo, fmt::format("{} cannot be written.", path_),
              {.internal = error.internal});
}

Result<void> SqliteTables::run(const std::string& sql) {
  const Result<void> done = storage::sqlite::run_script(connection_.get(), sql);
  if (!done) {
    return failed(done.error());
  }
  return {};
}

std::string SqliteTables::table_text(const tables::Table& table) const {
  std::string text = fmt::format("CREATE TABLE {}(", quoted(table.name()));
  std::string key;
  for (const tables::Column& column : table.columns()) {
    text += fmt::format("\n  {} {}{},", quoted(column.name), column_type(column.type),
                        column.is_nullable ? "" : " NOT NULL");
    if (column.is_key) {
      key += fmt::format("{}{}", key.empty() ? "" : ", ", quoted(column.name));
    }
  }
  text += fmt::format("\n  PRIMARY KEY ({})", key);
  for (const Field& field : table.entity().fields) {
    if (field.refers_to && !field.is_loose && has_referable_key(*field.refers_to) &&
        has(*field.refers_to)) {
      text += fmt::format(",\n  FOREIGN KEY ({}) REFERENCES {}(\"id\")", quoted(field.name),
                          quoted(records::entity(*field.refers_to).name));
    }
  }
  return text + "\n) WITHOUT ROWID";
}

std::string SqliteTables::index_texts(const Entity& entity) const {
  std::string texts;
  bool is_first_of_key = true;
  for (const Field& field : entity.fields) {
    const bool leads_key = field.is_key && is_first_of_key;
    is_first_of_key = is_first_of_key && !field.is_key;
    if (!leads_key && (field.refers_to || field.defaults_to_now)) {
      texts += fmt::format("CREATE INDEX {0} ON {1}({2});\n",
                           quoted(fmt::format("{}_{}", entity.name, field.name)),
                           quoted(entity.name), quoted(field.name));
    }
  }
  return texts;
}

std::string SqliteTables::view_text(EntityId entity) const {
  if (!missing_needs(entity, entities_).empty()) {
    return {};
  }
  const View view = view_of(entity);
  const std::string_view name = records::entity(entity).name;
  std::string text = fmt::format("CREATE VIEW \"{}_flat\" AS SELECT t.*", name);
  for (const ViewColumn& column : view.columns) {
    text += fmt::format(", {} AS {}", column.expression, quoted(column.name));
  }
  return text + fmt::format(" FROM {} t {};\n", name, view.joins);
}

Result<void> SqliteTables::begin_table(const tables::Table& table) {
  insert_.reset();
  MATRICULA_CHECK(run(table_text(table)));
  types_.clear();
  std::string places;
  for (const tables::Column& column : table.columns()) {
    types_.push_back(column.type);
    places += fmt::format("{}?{}", places.empty() ? "" : ", ", types_.size());
  }
  statement_ = std::make_unique<const storage::Statement>(
      fmt::format("INSERT INTO {} VALUES ({})", quoted(table.name()), places));
  auto prepared = storage::sqlite::Prepared::prepare(connection_.get(), *statement_);
  if (!prepared) {
    return failed(prepared.error());
  }
  insert_ = *std::move(prepared);
  return {};
}

Result<void> SqliteTables::append(std::span<const Bind> values) {
  MATRICULA_ASSERT(insert_ != nullptr && values.size() == types_.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values_[i] = values[i];
    if (std::holds_alternative<std::monostate>(values[i])) {
      continue;
    }
    if (types_[i] == FieldType::kUuid) {
      format_uuid(std::get<storage::Bytes>(values[i]), texts_[i].data());
      values_[i] = std::string_view(texts_[i].data(), kUuidTextBytes);
    } else if (types_[i] == FieldType::kTime) {
      const std::size_t length = format_time(std::get<std::int64_t>(values[i]), texts_[i].data());
      values_[i] = std::string_view(texts_[i].data(), length);
    }
  }
  if (const Result<void> begun =
          insert_->start(std::span<const Bind>(values_).first(values.size()));
      !begun) {
    return failed(begun.error());
  }
  const Result<bool> done = insert_->next();
  insert_->finish();
  if (!done) {
    return failed(done.error());
  }
  return {};
}

Result<void> SqliteTables::finish() {
  insert_.reset();
  for (const EntityId id : entities_) {
    MATRICULA_CHECK(run(index_texts(records::entity(id))));
    if (tables::has_flat_form(id)) {
      MATRICULA_CHECK(run(view_text(id)));
    }
  }
  MATRICULA_CHECK(run("COMMIT"));
  connection_.reset();
  return {};
}

}  // namespace matricula::exchange
