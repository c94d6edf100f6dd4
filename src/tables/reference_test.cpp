// The page of the documentation that lists all tables is made of their columns. With
// MATRICULA_UPDATE_EXAMPLES=1 in the environment it is rewritten.
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "tables/parquet_encoder.h"
#include "tables/table.h"

namespace matricula::tables {
namespace {

using records::FieldType;

constexpr const char* kPage = "web/docs/pages/tables.md";

std::string code(std::string_view text) {
  return fmt::format("`{}`", text);
}

// What a column holds in NDJSON and CSV, for people.
std::string type_text(const Column& column) {
  switch (column.type) {
    case FieldType::kText:
    case FieldType::kId:
      return "text";
    case FieldType::kUuid:
      return "UUID";
    case FieldType::kEmail:
      return "e-mail address";
    case FieldType::kUrl:
      return "address";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
      return "number";
    case FieldType::kFlag:
      return "true or false";
    case FieldType::kTime:
      return "time, RFC 3339";
    case FieldType::kDuration:
      return "duration, ISO 8601";
    case FieldType::kTextList:
      return "list of texts";
    case FieldType::kSteps:
      return "list of steps";
    case FieldType::kTranslations:
      return "list of translations";
    case FieldType::kEnum:
      break;
  }
  std::string values;
  for (const std::string_view value : column.values) {
    values += (values.empty() ? "" : ", ") + code(value);
  }
  return values;
}

std::string row_text(const Column& column) {
  return fmt::format("| {}{} | {} | {} | {} |\n", code(column.name), column.is_nullable ? "?" : "",
                     type_text(column), code(parquet_type_name(column.type)), column.description);
}

constexpr std::string_view kHead = "| column | holds | in Parquet | |\n|---|---|---|---|\n";

std::string table_text(const records::Entity& entity) {
  const Table table(entity.id);
  std::string key;
  std::string rows;
  for (const Column& column : table.columns()) {
    key += column.is_key ? (key.empty() ? "" : ", ") + code(column.name) : "";
    rows += row_text(column);
  }
  std::string text = fmt::format("\n## {}\n\n{} Key: {}.\n\n{}{}", entity.name, table.description(),
                                 key, kHead, rows);
  if (has_flat_form(entity.id)) {
    text += fmt::format("\nWith `flat`, behind these:\n\n{}", kHead);
    const Table flat(entity.id, true);
    for (const Column& column : flat.columns().subspan(table.columns().size())) {
      text += row_text(column);
    }
  }
  return text;
}

std::string page_text() {
  std::string text =
      "# Tables\n\n"
      "The tables of a company, as [files](/docs/files) and the [feed of "
      "changes](/docs/synchronising) "
      "have them: the columns in their order, with the type of each in Parquet.\n\n"
      "A column with `?` may be null: empty in CSV, left out in NDJSON. Lists are JSON text in CSV "
      "and "
      "Parquet. `GET /data/v1/tables/TABLE/schema` gives the same as a JSON Schema, with `?flat=1` "
      "that "
      "of the flat form.\n";
  for (const records::Entity& entity : records::entities()) {
    text += table_text(entity);
  }
  return text;
}

TEST(Reference, ListsTheColumnsThatTablesHave) {
  if (const char* const update = std::getenv("MATRICULA_UPDATE_EXAMPLES");
      update != nullptr && std::string_view(update) == "1") {
    std::ofstream(kPage) << page_text();
  }
  std::ostringstream written;
  written << std::ifstream(kPage).rdbuf();
  EXPECT_EQ(written.str(), page_text())
      << "MATRICULA_UPDATE_EXAMPLES=1 ctest -R unit.tables rewrites " << kPage;
}

}  // namespace
}  // namespace matricula::tables
