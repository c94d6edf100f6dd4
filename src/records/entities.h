#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace matricula::records {

// The entities in the order in which they are imported: each refers only to those before it. Stores
// keep these numbers.
enum class EntityId : std::uint8_t {
  kCompanies,
  kContracts,
  kUsers,
  kPrograms,
  kContractPrograms,
  kAssessments,
  kContractAssessments,
  kLearningPlans,
  kProgramProgress,
  kAssessmentProgress,
  kLearningPlanProgress,
};

inline constexpr std::size_t kEntityCount = 11;
// The most fields that an entity has.
inline constexpr std::size_t kFieldsMax = 20;

// What a field holds, as JSON and in its column.
enum class FieldType : std::uint8_t {
  kText,          // any text; TEXT
  kId,            // an identifier, which is not empty; TEXT
  kUuid,          // either case; 16 bytes
  kEmail,         // something @ something, without spaces; TEXT
  kUrl,           // http, https, or without a scheme; TEXT
  kInteger,       // 0 to 2,147,483,647; INTEGER
  kReal,          // 0 to Field::real_max; REAL
  kFlag,          // true or false; INTEGER 1 or 0
  kTime,          // RFC 3339; INTEGER microseconds since 1970
  kDuration,      // ISO 8601; TEXT
  kEnum,          // one of Field::values; TEXT
  kTextList,      // an array of texts; TEXT, canonical JSON
  kSteps,         // the steps of a learning plan; TEXT, canonical JSON
  kTranslations,  // the translations of a program; TEXT, canonical JSON
};

struct Field {
  std::string_view name;    // in NDJSON, as in the GraphQL schemas
  std::string_view column;  // in the entity's table
  FieldType type = FieldType::kText;
  bool is_key = false;
  bool is_identifier = false;    // of type kText; those of type kId are without saying
  bool is_optional = false;      // may be absent or null
  bool defaults_to_now = false;  // the column is never null: else it has the time of the change
  std::span<const std::string_view> values = {};
  double real_max = 1e15;
  std::size_t bytes_max = SIZE_MAX;  // of a text that is not a key
  // The entity whose key this is. A loose reference may name a record that does not exist.
  std::optional<EntityId> refers_to = std::nullopt;
  bool is_loose = false;
};

// One kind of record: its file, its table, its fields in canonical order. Import, export and the
// synthetic generator are driven by it.
struct Entity {
  EntityId id;
  std::string_view name;  // of the table, and of the file before .ndjson
  std::string_view noun;  // in messages: "company"
  std::span<const Field> fields;
  std::string_view conflict_columns;  // of the unique index that finds the record with a key
  std::string_view order_columns;     // of the primary key: the order of export
};

// Whether records bring identifiers in this field, which then have no blanks at their ends and no
// control characters. False for references to records that must exist: those are found or not.
bool brings_identifiers(const Field& field);

// All entities, in import order; the index is the EntityId.
std::span<const Entity> entities();
const Entity& entity(EntityId id);
// By file name without its endings, such as "program_progress"; null for none.
const Entity* find_entity(std::string_view name);
// The index in entity.fields of the field of this name.
std::optional<std::size_t> find_field(const Entity& entity, std::string_view name);

}  // namespace matricula::records
