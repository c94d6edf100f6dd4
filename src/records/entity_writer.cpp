#include "records/entity_writer.h"

#include <array>
#include <fmt/format.h>
#include <vector>

#include "base/escape.h"
#include "base/uuid.h"
#include "records/program_titles.h"
#include "records/record_sql.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

tl::unexpected<Error> conflict(std::string reason) {
  return fail(ErrorCode::kConflict, std::move(reason));
}

std::string_view text_of(const Bind& bind) {
  return std::get<std::string_view>(bind);
}

// A key for messages: text in quotes, a user's id as a UUID.
std::string key_text(const Bind& key) {
  std::string text;
  if (const auto* const bytes = std::get_if<storage::Bytes>(&key)) {
    text = uuid_text(*bytes);
  } else {
    append_json_string(text, text_of(key));
  }
  return text;
}

User user_of(std::span<const Bind> values) {
  return {.id = std::get<storage::Bytes>(values[0]),
          .email = text_of(values[1]),
          .first_name = text_of(values[2]),
          .last_name = text_of(values[3])};
}

struct Statements {
  const Statement slug_owner{"SELECT id FROM companies WHERE slug = ?2 AND id <> ?1"};
  const Statement plan_company{"SELECT company_id FROM learning_plans WHERE id = ?1"};
  const Statement contract_company{"SELECT company_id FROM contracts WHERE id = ?1"};
  const Statement program_locales{
      "SELECT max(CASE WHEN locale = ?2 THEN 1 ELSE 0 END), "
      "max(CASE WHEN locale = ?2 THEN 0 ELSE 1 END) FROM programs WHERE key = ?1"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

}  // namespace

EntityWriter::EntityWriter(const Entity& entity, sql::Dialect dialect)
    : entity_(entity),
      upsert_(upsert_sql(entity, dialect)),
      delete_(delete_sql(entity)),
      referrers_(entity.id),
      company_(find_field(entity, "companyId")),
      users_(dialect) {}

Result<Outcome> EntityWriter::put(Session& session, std::span<const Bind> values, Timestamp now) {
  if (entity_.id == EntityId::kUsers) {
    return put_user(session, values);
  }
  MATRICULA_TRY(const Copies copies, check_references(session, values));
  if (entity_.id == EntityId::kCompanies) {
    MATRICULA_CHECK(check_slug(session, values));
  }
  if (entity_.id == EntityId::kLearningPlans || entity_.id == EntityId::kContracts) {
    MATRICULA_CHECK(check_company_stays(session, values));
  }
  MATRICULA_TRY(const bool is_changed, run_upsert(session, values, copies, now));
  if (is_changed && entity_.id == EntityId::kPrograms) {
    MATRICULA_CHECK(update_program_title(session, text_of(values[0])));
  }
  return is_changed ? Outcome::kChanged : Outcome::kUnchanged;
}

Result<Outcome> EntityWriter::put_user(Session& session, std::span<const Bind> values) {
  const Result<bool> put = users_.put(session, user_of(values));
  if (put) {
    return *put ? Outcome::kChanged : Outcome::kUnchanged;
  }
  if (put.error().code != ErrorCode::kConflict) {
    return fail(put.error());
  }
  return conflict(fmt::format("email: {} already belongs to another user", key_text(values[1])));
}

void EntityWriter::append_parameters(std::span<const Bind> values, const Copies& copies,
                                     Timestamp now, std::vector<Bind>& out) const {
  std::optional<bool> has_time;
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    Bind& value = out.emplace_back(values[i]);
    if (entity_.fields[i].defaults_to_now) {
      has_time = !std::holds_alternative<std::monostate>(value);
      if (!*has_time) {
        value = now;
      }
    }
  }
  if (entity_.id == EntityId::kProgramProgress) {
    out.emplace_back(copies.email_key);
    out.emplace_back(copies.title_key);
  }
  if (has_time) {
    out.emplace_back(std::int64_t{*has_time ? 1 : 0});
  }
}

Result<bool> EntityWriter::run_upsert(Session& session, std::span<const Bind> values,
                                      const Copies& copies, Timestamp now) {
  parameters_.clear();
  append_parameters(values, copies, now, parameters_);
  MATRICULA_TRY(const std::int64_t changes, session.execute(upsert_, parameters_));
  return changes > 0;
}

Result<AddedUsers> EntityWriter::add_new_users(Session& session, storage::RowCopier& copier,
                                               std::span<const Bind> rows) {
  std::vector<User> users;
  for (; !rows.empty(); rows = rows.subspan(entity_.fields.size())) {
    users.push_back(user_of(rows));
  }
  return users_.add_new(session, copier, users);
}

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
      return conflict(fmt::format("{}: there is no {} {}", field.name,
                                  entity(*field.refers_to).noun, key_text(key)));
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
  return {};
}

Result<void> EntityWriter::check_slug(Session& session, std::span<const Bind> values) {
  const Bind binds[] = {values[0], values[1]};
  MATRICULA_TRY(const RowsHandle rows, session.query(statements().slug_owner, binds));
  MATRICULA_TRY(const bool is_taken, rows->next());
  if (is_taken) {
    return conflict(fmt::format("slug: {} already belongs to the company \"{}\"",
                                key_text(values[1]), rows->text(0)));
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
  MATRICULA_TRY(const std::string_view noun, referrers_.find(session, values[0], true));
  if (noun.empty()) {
    return {};
  }
  return conflict(fmt::format("companyId: the {} {} is of the company \"{}\", and {} refer to it",
                              entity_.noun, key_text(values[0]), company, noun));
}

Result<void> EntityWriter::check_is_not_referred_to(Session& session,
                                                    std::span<const Bind> values) {
  if (entity_.id == EntityId::kPrograms) {
    // References are to the program, which is there while it has a record in any locale.
    const Bind binds[] = {values[0], values[2]};
    MATRICULA_TRY(const RowsHandle rows, session.query(statements().program_locales, binds));
    MATRICULA_CHECK(rows->next());
    const bool is_there = rows->integer(0) != 0;
    const bool is_in_other_locale = rows->integer(1) != 0;
    if (!is_there || is_in_other_locale) {
      return {};
    }
  }
  MATRICULA_TRY(const std::string_view noun, referrers_.find(session, values[0], false));
  if (noun.empty()) {
    return {};
  }
  return conflict(fmt::format("the {} {} cannot be deleted: {} refer to it", entity_.noun,
                              key_text(values[0]), noun));
}

Result<Outcome> EntityWriter::remove(Session& session, std::span<const Bind> values) {
  MATRICULA_CHECK(check_is_not_referred_to(session, values));
  if (entity_.id == EntityId::kUsers) {
    MATRICULA_TRY(const bool was_there,
                  users_.remove(session, std::get<storage::Bytes>(values[0])));
    return was_there ? Outcome::kDeleted : Outcome::kUnchanged;
  }
  std::array<Bind, kFieldsMax> binds;
  std::size_t count = 0;
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    if (entity_.fields[i].is_key) {
      binds[count++] = values[i];
    }
  }
  MATRICULA_TRY(const std::int64_t changes,
                session.execute(delete_, std::span<const Bind>(binds.data(), count)));
  if (changes > 0 && entity_.id == EntityId::kPrograms) {
    MATRICULA_CHECK(update_program_title(session, text_of(values[0])));
  }
  return changes > 0 ? Outcome::kDeleted : Outcome::kUnchanged;
}

}  // namespace matricula::records
