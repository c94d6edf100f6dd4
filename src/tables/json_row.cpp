#include "tables/json_row.h"

#include <fmt/format.h>
#include <numeric>
#include <variant>

#include "base/assert.h"
#include "json/writer.h"

namespace matricula::tables {
namespace {

using records::FieldType;
using storage::Bind;

void append_value(std::string& out, FieldType type, const Bind& value) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
      json::append_string(out, std::get<std::string_view>(value));
      return;
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      out += std::get<std::string_view>(value);
      return;
    case FieldType::kUuid:
      json::append_uuid(out, std::get<storage::Bytes>(value));
      return;
    case FieldType::kInteger:
      json::append_integer(out, std::get<std::int64_t>(value));
      return;
    case FieldType::kReal:
      json::append_float(out, std::get<double>(value));
      return;
    case FieldType::kFlag:
      json::append_boolean(out, std::get<std::int64_t>(value) != 0);
      return;
    case FieldType::kTime:
      json::append_time(out, std::get<std::int64_t>(value));
      return;
  }
}

std::vector<JsonMembers> members_of_all() {
  std::vector<JsonMembers> all;
  for (const records::Entity& entity : records::entities()) {
    const Table table(entity.id);
    std::vector<std::size_t> places(table.columns().size());
    std::iota(places.begin(), places.end(), 0);
    all.emplace_back(table.columns(), places, false);
  }
  return all;
}

}  // namespace

JsonMembers::JsonMembers(std::span<const Column> columns, std::span<const std::size_t> chosen,
                         bool writes_nulls)
    : writes_nulls_(writes_nulls) {
  for (const std::size_t place : chosen) {
    members_.push_back({.name = fmt::format(",\"{}\":", columns[place].name),
                        .type = columns[place].type,
                        .place = place});
  }
}

void JsonMembers::append(std::string& out, std::span<const Bind> values) const {
  std::size_t skipped = 1;  // the comma of the first member
  for (const Member& member : members_) {
    const Bind& value = values[member.place];
    const bool is_null = std::holds_alternative<std::monostate>(value);
    if (is_null && !writes_nulls_) {
      continue;
    }
    out.append(member.name, skipped);
    skipped = 0;
    if (is_null) {
      out += "null";
    } else {
      append_value(out, member.type, value);
    }
  }
}

const JsonMembers& record_members(records::EntityId entity) {
  static const std::vector<JsonMembers> kAll = members_of_all();
  return kAll[static_cast<std::size_t>(entity)];
}

void append_record(std::string& out, const records::Entity& entity, std::span<const Bind> values) {
  MATRICULA_ASSERT(values.size() >= entity.fields.size());
  out += '{';
  record_members(entity.id).append(out, values);
  out += "}\n";
}

}  // namespace matricula::tables
