#include "records/row_state.h"

#include <cstring>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/uuid.h"
#include "records/record_sql.h"
#include "records/row_values.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

// A value as text: equal texts are equal values, and null is none of them.
std::string value_text(const Bind& value) {
  std::string text(1, static_cast<char>('0' + value.index()));
  if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
    text.append(reinterpret_cast<const char*>(integer), sizeof *integer);
  } else if (const auto* const real = std::get_if<double>(&value)) {
    text.append(reinterpret_cast<const char*>(real), sizeof *real);
  } else if (const auto* const plain = std::get_if<std::string_view>(&value)) {
    text.append(*plain);
  } else if (const auto* const bytes = std::get_if<Bytes>(&value)) {
    text.append(storage::as_text(*bytes));
  }
  return text;
}

std::string_view company_expression(EntityId entity) {
  switch (entity) {
    case EntityId::kCompanies:
      return "id";
    case EntityId::kContracts:
    case EntityId::kLearningPlans:
    case EntityId::kProgramProgress:
    case EntityId::kAssessmentProgress:
    case EntityId::kLearningPlanProgress:
      return "company_id";
    case EntityId::kContractPrograms:
    case EntityId::kContractAssessments:
      return "(SELECT c.company_id FROM contracts c WHERE c.id = contract_id)";
    case EntityId::kUsers:
    case EntityId::kPrograms:
    case EntityId::kAssessments:
      break;
  }
  return "''";
}

std::string key_condition(const Entity& entity) {
  if (is_progress(entity.id)) {
    return progress_condition(entity.id);
  }
  std::string condition;
  std::size_t place = 0;
  for (const Field& field : entity.fields) {
    if (field.is_key) {
      condition += fmt::format("{}{} = ?{}", place == 0 ? "" : " AND ", field.column, place + 1);
      ++place;
    }
  }
  return condition;
}

// Queries that read the fields, the company, and the columns that progress has beside its fields.
struct Reads {
  Reads() {
    for (const Entity& entity : entities()) {
      statements.emplace_back(fmt::format("SELECT {}, {}{} FROM {} WHERE {}", column_list(entity),
                                          company_expression(entity.id),
                                          is_progress(entity.id) ? ", change_seq, moved_at" : "",
                                          entity.name, key_condition(entity)));
    }
  }
  std::vector<Statement> statements;
};

const Statement& read_statement(EntityId entity) {
  static const Reads kReads;
  return kReads.statements[static_cast<std::size_t>(entity)];
}

void take_row(const storage::Rows& rows, const Entity& of, RowState& state) {
  const std::size_t width = of.fields.size();
  std::array<Bind, kFieldsMax> values;
  rows.read(value_types(of), values);
  for (const Bind& value : std::span(values).first(width)) {
    state.values.push_back(value_text(value));
  }
  state.company = rows.text(static_cast<unsigned>(width));
}

}  // namespace

Result<RowState> read_state(Session& session, const RowKey& key) {
  const Bind first = key.entity == EntityId::kUsers ? Bind(std::as_bytes(std::span(key.key)))
                                                    : Bind(std::string_view(key.key));
  const std::array<Bind, 2> binds = {first, std::string_view(key.part)};
  const bool has_part = !key.part.empty();
  RowState state;
  MATRICULA_TRY(const RowsHandle rows, session.query(read_statement(key.entity),
                                                     std::span(binds).first(has_part ? 2 : 1)));
  MATRICULA_TRY(state.exists, rows->next());
  if (state.exists) {
    take_row(*rows, entity(key.entity), state);
  }
  return state;
}

Result<ProgressState> read_progress(Session& session, EntityId id, std::string_view company,
                                    const KeyTexts& key) {
  ProgressBinds binds;
  bind_progress(id, company, key, binds);
  ProgressState state;
  MATRICULA_TRY(
      const RowsHandle rows,
      session.query(read_statement(id), std::span<const Bind>(binds.values).first(binds.count)));
  MATRICULA_TRY(state.row.exists, rows->next());
  if (state.row.exists) {
    take_row(*rows, entity(id), state.row);
    const auto width = static_cast<unsigned>(entity(id).fields.size());
    state.change_seq = rows->integer(width + 1);
    if (!rows->is_null(width + 2)) {
      state.moved_at = rows->integer(width + 2);
    }
  }
  return state;
}

KeyTexts key_texts(const Entity& of, std::span<const Bind> values) {
  KeyTexts texts;
  std::size_t count = 0;
  for (std::size_t i = 0; i < of.fields.size(); ++i) {
    if (!of.fields[i].is_key) {
      continue;
    }
    const auto* const bytes = std::get_if<Bytes>(&values[i]);
    texts[count++] =
        bytes != nullptr ? uuid_text(*bytes) : std::string(std::get<std::string_view>(values[i]));
  }
  return texts;
}

std::string progress_condition(EntityId id) {
  switch (id) {
    case EntityId::kProgramProgress:
      return "company_id = ?1 AND user_id = ?2 AND program_key = ?3";
    case EntityId::kAssessmentProgress:
      return "company_id = ?1 AND attempt_id = ?2";
    case EntityId::kLearningPlanProgress:
      return "company_id = ?1 AND plan_id = ?2 AND user_id = ?3";
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
  assertion_failed("the entity is one of progress", __FILE__, __LINE__);
}

void bind_progress(EntityId id, std::string_view company, const KeyTexts& key, ProgressBinds& out) {
  const auto bind_user = [&out](const std::string& text) -> Bind {
    const std::optional<UuidBytes> uuid = read_uuid(text);
    MATRICULA_ASSERT(uuid.has_value());
    out.user = *uuid;
    return Bytes(out.user);
  };
  out.values[0] = company;
  switch (id) {
    case EntityId::kProgramProgress:
      out.values[1] = bind_user(key[1]);
      out.values[2] = std::string_view(key[2]);
      out.count = 3;
      return;
    case EntityId::kAssessmentProgress:
      out.values[1] = std::string_view(key[0]);
      out.count = 2;
      return;
    case EntityId::kLearningPlanProgress:
      out.values[1] = std::string_view(key[0]);
      out.values[2] = bind_user(key[1]);
      out.count = 3;
      return;
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
  assertion_failed("the entity is one of progress", __FILE__, __LINE__);
}

}  // namespace matricula::records
