#include "tables/json_schema.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "json/object_text.h"
#include "json/writer.h"
#include "records/values.h"
#include "tables/parquet_encoder.h"

namespace matricula::tables {
namespace {

using json::ObjectText;
using records::FieldType;

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";
constexpr std::int64_t kIntegerMax = 2'147'483'647;

// Appends `"name"` for each, comma-separated.
std::string quoted(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out += out.empty() ? "" : ",";
    json::append_string(out, name);
  }
  return out;
}

std::string type_text(std::string_view type, bool is_nullable) {
  return is_nullable ? fmt::format("[\"{}\",\"null\"]", type) : fmt::format("\"{}\"", type);
}

std::string reference_to(std::string_view definition) {
  return fmt::format("{{\"$ref\":\"#/$defs/{}\"}}", definition);
}

// The schema of a member of the objects inside lists.
std::string inner(std::string_view type, bool is_nullable, std::string_view description) {
  return ObjectText()
      .raw("type", type_text(type, is_nullable))
      .text("description", description)
      .take();
}

std::string step_definition() {
  const std::string properties =
      ObjectText()
          .raw("stepId", inner("string", false, "The id of the step."))
          .raw("stepType", ObjectText()
                               .raw("enum", fmt::format("[{}]", quoted(records::kStepTypes)))
                               .text("description", "What the step is.")
                               .take())
          .raw("label", inner("string", false, "Its name."))
          .raw("isRequired",
               inner("boolean", false, "Whether the step counts towards requiredStepsTotal."))
          .raw("resourceKey",
               inner("string", true,
                     "The program key or assessment id behind the step, where it has one."))
          .raw("steps", ObjectText()
                            .raw("type", type_text("array", true))
                            .raw("items", reference_to("step"))
                            .text("description", "The steps of a GROUP; null for every other type.")
                            .take())
          .take();
  return ObjectText()
      .text("type", "object")
      .raw("properties", properties)
      .raw("required", R"(["stepId","stepType","label","isRequired","resourceKey","steps"])")
      .raw("additionalProperties", "false")
      .take();
}

std::string translation_definition() {
  const std::string properties =
      ObjectText()
          .raw("language", inner("string", false, "The language, such as de."))
          .raw("title", inner("string", true, "The title."))
          .raw("summary", inner("string", true, "What it is about."))
          .raw("version", inner("string", true, "Semantic version, such as 2.0.1."))
          .raw("major", inner("integer", true, "The first number of the version."))
          .raw("minor", inner("integer", true, "The second number of the version."))
          .raw("patch", inner("integer", true, "The third number of the version."))
          .take();
  return ObjectText()
      .text("type", "object")
      .raw("properties", properties)
      .raw("required", R"(["language","title","summary","version","major","minor","patch"])")
      .raw("additionalProperties", "false")
      .take();
}

std::string_view json_type_of(FieldType type) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kUrl:
    case FieldType::kId:
    case FieldType::kUuid:
    case FieldType::kEmail:
    case FieldType::kTime:
    case FieldType::kDuration:
    case FieldType::kEnum:
      return "string";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
      return "number";
    case FieldType::kFlag:
      return "boolean";
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      return "array";
  }
  MATRICULA_ASSERT(false && "every field has a type in JSON");
  return {};
}

// The formats `duration` and `idn-email` refuse some of what import takes, such as P1W2D, PT0.5S
// and an address with two dots in a row. These patterns take the same texts as
// is_iso8601_duration() and records::is_email_address(). They have no lookahead, which many
// validators cannot evaluate.
constexpr std::string_view kEmailPattern = R"(^[^\x00-\x20\x7F]+@[^\x00-\x20\x7F@]+$)";

// Components with these units, in order and at least one of them; the last one may have a fraction.
std::string components_pattern(std::string_view units) {
  std::string before;
  std::string out;
  for (const char unit : units) {
    out += fmt::format("{}{}[0-9]+([.,][0-9]+)?{}", out.empty() ? "" : "|", before, unit);
    before += fmt::format("([0-9]+{})?", unit);
  }
  return out;
}

std::string duration_pattern() {
  return fmt::format("^P({}|([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?T({}))$",
                     components_pattern("YMWD"), components_pattern("HMS"));
}

// What restricts the values of a column beyond their type, as members of its schema.
void add_restrictions(ObjectText& schema, const Column& column) {
  switch (column.type) {
    case FieldType::kText:
    case FieldType::kUrl:
    case FieldType::kFlag:
      return;
    case FieldType::kId:
      schema.integer("minLength", 1);
      return;
    case FieldType::kUuid:
      schema.text("format", "uuid");
      return;
    case FieldType::kEmail:
      schema.text("pattern", kEmailPattern);
      return;
    case FieldType::kInteger:
      schema.integer("minimum", 0).integer("maximum", kIntegerMax);
      return;
    case FieldType::kReal: {
      std::string most;
      json::append_float(most, column.real_max);
      schema.integer("minimum", 0).raw("maximum", most);
      return;
    }
    case FieldType::kTime:
      schema.text("format", "date-time");
      return;
    case FieldType::kDuration:
      schema.text("pattern", duration_pattern());
      return;
    case FieldType::kEnum:
      schema.raw("enum",
                 fmt::format("[{}{}]", quoted(column.values), column.is_nullable ? ",null" : ""));
      return;
    case FieldType::kTextList:
      schema.raw("items", R"({"type":"string"})");
      return;
    case FieldType::kSteps:
      schema.raw("items", reference_to("step"));
      return;
    case FieldType::kTranslations:
      schema.raw("items", reference_to("translation"));
      return;
  }
}

// The definitions that the columns refer to; empty for none.
std::string definitions(const Table& table) {
  for (const Column& column : table.columns()) {
    if (column.type == FieldType::kSteps) {
      return ObjectText().raw("step", step_definition()).take();
    }
    if (column.type == FieldType::kTranslations) {
      return ObjectText().raw("translation", translation_definition()).take();
    }
  }
  return {};
}

}  // namespace

std::string json_schema(const Table& table) {
  ObjectText properties;
  std::vector<std::string_view> key;
  std::vector<std::string_view> required;
  for (const Column& column : table.columns()) {
    ObjectText schema;
    schema.raw("type", type_text(json_type_of(column.type), column.is_nullable));
    add_restrictions(schema, column);
    schema.text("description", column.description)
        .text("x-parquet", parquet_type_name(column.type));
    properties.raw(column.name, schema.take());
    if (column.is_key) {
      key.push_back(column.name);
    }
    if (!column.is_nullable) {
      required.push_back(column.name);
    }
  }
  ObjectText schema;
  schema.text("$schema", kDialect)
      .text("title", table.name())
      .text("description", table.description())
      .text("type", "object")
      .raw("properties", properties.take())
      .raw("required", fmt::format("[{}]", quoted(required)))
      .raw("additionalProperties", "false")
      .raw("x-key", fmt::format("[{}]", quoted(key)));
  if (const std::string inner_schemas = definitions(table); !inner_schemas.empty()) {
    schema.raw("$defs", inner_schemas);
  }
  return schema.take() + "\n";
}

}  // namespace matricula::tables
