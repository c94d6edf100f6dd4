// The part of EntityWriter that checks what a record refers to, and what refers to it.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/uuid.h"
#include "records/entity_writer.h"
#include "records/key_text.h"
#include "records/row_values.h"
#include "storage/many_keys.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

tl::unexpected<Error> conflict(std::string reason) {
  return fail(ErrorCode::kConflict, std::move(reason));
}

struct Statements {
  const Statement plan_company{"SELECT company_id FROM learning_plans WHERE id = ?1"};
  const Statement contract_company{"SELECT company_id FROM contracts WHERE id = ?1"};
  const Statement program_locales{
      "SELECT max(CASE WHEN locale = ?2 THEN 1 ELSE 0 END), "
      "max(CASE WHEN locale = ?2 THEN 0 ELSE 1 END) FROM programs WHERE key = ?1"};
  const Statement attempt{
      "SELECT attempt_id, company_id, assessment_id, user_id FROM assessment_progress WHERE "
      "attempt_id = ?1"};
  const Statement attempts{
      "SELECT attempt_id, company_id, assessment_id, user_id FROM assessment_progress WHERE "
      "attempt_id IN (" +
      storage::key_places() + ")"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

}  // namespace

Result<EntityWriter::Copies> EntityWriter::check_references(Session& session,
                                                            std::span<const Bind> values) {
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    const Field& field = entity_.fields[i];
    const Bind& key = values[i];
    if (!field.refers_to || std::holds_alternative<std::monostate>(key)) {
      continue;
    }
    MATRICULA_TRY(const Reference* const found, references_.find(session, *field.refers_to, key));
    if (!found->exists && !field.is_loose) {
      const auto* const text = std::get_if<std::string_view>(&key);
      return conflict(fmt::format(
          "{}: there is no {} {}{}", field.name, entity(*field.refers_to).noun, key_text(key),
          text != nullptr && has_blank_ends(*text) ? "; remove the blanks at its ends" : ""));
    }
    if (company_ && !found->company.empty() && found->company != text_of(values[*company_])) {
      return conflict(fmt::format("{}: the {} {} is of the company \"{}\", not of {}", field.name,
                                  entity(*field.refers_to).noun, key_text(key), found->company,
                                  key_text(values[*company_])));
    }
    if (entity_.id == EntityId::kProgramProgress) {
      if (*field.refers_to == EntityId::kUsers) {
        email_key_ = found->copied;
      } else if (*field.refers_to == EntityId::kPrograms) {
        title_key_ = found->exists ? found->copied : text_of(key);
      }
    }
  }
  return Copies{.email_key = email_key_, .title_key = title_key_};
}

Result<void> EntityWriter::fetch_references(Session& session, std::span<const Bind> rows) {
  const std::size_t width = entity_.fields.size();
  std::vector<Bind> keys;
  for (std::size_t field = 0; field < width; ++field) {
    if (!entity_.fields[field].refers_to) {
      continue;
    }
    keys.clear();
    for (std::size_t i = field; i < rows.size(); i += width) {
      if (!std::holds_alternative<std::monostate>(rows[i])) {
        keys.push_back(rows[i]);
      }
    }
    MATRICULA_CHECK(references_.fetch(session, *entity_.fields[field].refers_to, keys));
  }
  return entity_.id == EntityId::kAssessmentProgress ? fetch_attempts(session, rows)
                                                     : Result<void>();
}

Result<void> EntityWriter::fetch_attempts(Session& session, std::span<const Bind> rows) {
  attempts_.clear();
  std::vector<Bind> keys;
  for (std::size_t i = kAttemptId; i < rows.size(); i += entity_.fields.size()) {
    keys.push_back(rows[i]);
  }
  const auto take = [this](const storage::Rows& row) {
    attempts_[std::string(row.text(0))] = {
        .company = std::string(row.text(1)),
        .assessment = std::string(row.text(2)),
        .user = row.is_null(3) ? "" : std::string(storage::as_text(row.bytes(3)))};
  };
  if (keys.size() > 1) {
    return storage::each_of_keys(session, statements().attempts, keys, take);
  }
  MATRICULA_TRY(const RowsHandle found, session.query(statements().attempt, keys));
  MATRICULA_TRY(const bool is_there, found->next());
  if (is_there) {
    take(*found);
  }
  return {};
}

// Progress and plans must stay in the company of the plan and contract that they refer to.
Result<void> EntityWriter::check_company_stays(Session& session, std::span<const Bind> values) {
  const bool is_plan = entity_.id == EntityId::kLearningPlans;
  const Bind binds[] = {values[0]};
  std::string company;
  {
    MATRICULA_TRY(
        const RowsHandle rows,
        session.query(is_plan ? statements().plan_company : statements().contract_company, binds));
    MATRICULA_TRY(const bool is_known, rows->next());
    if (!is_known || rows->text(0) == text_of(values[*company_])) {
      return {};
    }
    company = rows->text(0);
  }
  MATRICULA_TRY(const std::string_view noun,
                referrers_.find(session, values[0], Referrers::Kinds::kOfItsCompany));
  if (noun.empty()) {
    return is_plan ? Result<void>()
                   : note_moved_contract(session, text_of(values[0]), company,
                                         text_of(values[*company_]));
  }
  return conflict(fmt::format("companyId: the {} {} is of the company \"{}\", and {} refer to it",
                              entity_.noun, key_text(values[0]), company, noun));
}

Result<void> EntityWriter::check_is_not_referred_to(Session& session,
                                                    std::span<const Bind> values) {
  if (entity_.id == EntityId::kPrograms) {
    // References are to the program, which exists while it has a record in any locale.
    const Bind binds[] = {values[0], values[2]};
    MATRICULA_TRY(const RowsHandle rows, session.query(statements().program_locales, binds));
    MATRICULA_CHECK(rows->next());
    const bool is_there = rows->integer(0) != 0;
    const bool is_in_other_locale = rows->integer(1) != 0;
    if (!is_there || is_in_other_locale) {
      return {};
    }
  }
  MATRICULA_TRY(const std::string_view noun,
                referrers_.find(session, values[0], Referrers::Kinds::kAll));
  if (noun.empty()) {
    return {};
  }
  return conflict(fmt::format("the {} {} cannot be deleted: {} refer to it", entity_.noun,
                              key_text(values[0]), noun));
}

}  // namespace matricula::records
