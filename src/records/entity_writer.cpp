#include "records/entity_writer.h"

#include <array>
#include <fmt/format.h>

#include "base/text.h"
#include "records/key_text.h"
#include "records/limits.h"
#include "records/record_sql.h"
#include "records/row_values.h"
#include "records/statement_rows.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

tl::unexpected<Error> conflict(std::string reason) {
  return fail(ErrorCode::kConflict, std::move(reason));
}

User user_of(std::span<const Bind> values) {
  return {.id = std::get<Bytes>(values[0]),
          .email = text_of(values[1]),
          .first_name = text_of(values[2]),
          .last_name = text_of(values[3])};
}

struct Statements {
  const Statement slug_owner{"SELECT id FROM companies WHERE slug = ?1"};
  const Statement address_owner{"SELECT id FROM users WHERE email_key = ?1"};
  const Statement release_slug{"UPDATE companies SET slug = ?2 WHERE id = ?1"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

// The portal's addresses have it, and a browser takes these for a step up or none.
Result<void> check_slug_text(const Bind& slug) {
  const std::string_view text = text_of(slug);
  if (text == "." || text == "..") {
    return conflict(
        fmt::format("slug: {} cannot be part of an address; choose another", key_text(slug)));
  }
  return {};
}

}  // namespace

// Users and companies as Handovers sees them.
class EntityWriter::UniqueValues final : public HandoverTable {
 public:
  explicit UniqueValues(EntityWriter& writer) : writer_(writer) {}

  Result<std::optional<Error>> try_put(Session& session, const WaitingRecord& record) override {
    const std::vector<Bind> values = binds(record);
    const Result<Outcome> put = writer_.entity_.id == EntityId::kUsers
                                    ? writer_.put_user(session, values)
                                    : writer_.put_row(session, values, record.now);
    if (put) {
      return std::optional<Error>();
    }
    if (put.error().code == ErrorCode::kConflict) {
      return std::optional(put.error());
    }
    return fail(put.error());
  }

  Result<std::string> owner(Session& session, const WaitingRecord& record) override {
    const bool is_user = writer_.entity_.id == EntityId::kUsers;
    const std::string value = is_user ? to_lower(record.values[1]) : record.values[1];
    const Bind bind[] = {std::string_view(value)};
    MATRICULA_TRY(
        const RowsHandle rows,
        session.query(is_user ? statements().address_owner : statements().slug_owner, bind));
    MATRICULA_TRY(const bool is_taken, rows->next());
    if (!is_taken) {
      return std::string();
    }
    return std::string(is_user ? storage::as_text(rows->bytes(0)) : rows->text(0));
  }

  Result<void> release(Session& session, std::string_view key) override {
    if (writer_.entity_.id == EntityId::kUsers) {
      return writer_.users_.release_address(session, std::as_bytes(std::span(key)));
    }
    // Longer than any slug may be, so that no other company has it.
    const std::string slug = std::string(kKeyBytesMax + 1, '-') + std::string(key);
    const Bind bind[] = {key, std::string_view(slug)};
    MATRICULA_CHECK(session.execute(statements().release_slug, bind));
    return {};
  }

  std::vector<Bind> binds(const WaitingRecord& record) const {
    std::vector<Bind> values;
    for (const std::string& value : record.values) {
      const bool is_id = values.empty() && writer_.entity_.id == EntityId::kUsers;
      values.push_back(is_id ? Bind(std::as_bytes(std::span(value)))
                             : Bind(std::string_view(value)));
    }
    return values;
  }

 private:
  EntityWriter& writer_;
};

EntityWriter::EntityWriter(const Entity& entity, sql::Dialect dialect, ChangeLog& changes,
                           BroughtTimes times)
    : entity_(entity),
      dialect_(dialect),
      changes_(changes),
      upsert_(upsert_sql(entity, dialect, times)),
      delete_(delete_sql(entity)),
      referrers_(entity.id),
      company_(find_field(entity, "companyId")),
      users_(dialect) {}

bool EntityWriter::has_unique_value() const {
  return entity_.id == EntityId::kUsers || entity_.id == EntityId::kCompanies;
}

Result<Outcome> EntityWriter::put(Session& session, std::span<const Bind> values, Timestamp now,
                                  std::uint64_t tag) {
  if (is_progress(entity_.id)) {
    MATRICULA_TRY(const Copies copies, check_references(session, values));
    return put_progress(session, values, copies, now);
  }
  if (!has_unique_value()) {
    return put_row(session, values, now);
  }
  if (entity_.id == EntityId::kCompanies) {
    MATRICULA_CHECK(check_slug_text(values[1]));  // no later line makes it good
  }
  Result<Outcome> put =
      entity_.id == EntityId::kUsers ? put_user(session, values) : put_row(session, values, now);
  if (!put && put.error().code == ErrorCode::kConflict) {
    return defer(values, now, tag);
  }
  if (put) {
    MATRICULA_CHECK(settle_deferred(session, values));
  }
  return put;
}

Result<Outcome> EntityWriter::put_row(Session& session, std::span<const Bind> values,
                                      Timestamp now) {
  MATRICULA_TRY(const Copies copies, check_references(session, values));
  if (entity_.id == EntityId::kCompanies) {
    MATRICULA_CHECK(check_slug(session, values));
  }
  if (entity_.id == EntityId::kLearningPlans || entity_.id == EntityId::kContracts) {
    MATRICULA_CHECK(check_company_stays(session, values));
  }
  parameters_.clear();
  append_parameters(values, copies, now, 0, parameters_);
  MATRICULA_TRY(const std::int64_t changes, session.execute(upsert_, parameters_));
  if (changes == 0) {
    return Outcome::kUnchanged;
  }
  MATRICULA_CHECK(note_put(session, values));
  return Outcome::kChanged;
}

Result<Outcome> EntityWriter::put_user(Session& session, std::span<const Bind> values) {
  MATRICULA_TRY(const PutUser put, users_.put(session, user_of(values)));
  if (put == PutUser::kReplaced) {
    MATRICULA_CHECK(changes_.note_row(
        session, {EntityId::kUsers, std::string(storage::as_text(std::get<Bytes>(values[0])))}));
  }
  return put == PutUser::kSame ? Outcome::kUnchanged : Outcome::kChanged;
}

Result<Outcome> EntityWriter::put_progress(Session& session, std::span<const Bind> values,
                                           const Copies& copies, Timestamp now) {
  if (entity_.id == EntityId::kAssessmentProgress) {
    MATRICULA_CHECK(fetch_attempts(session, values));
    MATRICULA_CHECK(note_attempt_left(session, values));
  }
  MATRICULA_TRY(const ChangeLog::Next next, changes_.next(session, text_of(values[*company_])));
  parameters_.clear();
  append_parameters(values, copies, std::max(now, next.not_before), next.number, parameters_);
  MATRICULA_TRY(const std::int64_t changes, session.execute(upsert_, parameters_));
  if (changes == 0) {
    return Outcome::kUnchanged;
  }
  MATRICULA_CHECK(changes_.note_put(session, entity_, values));
  return Outcome::kChanged;
}

Result<void> EntityWriter::stage(Session& session, std::span<const Bind> values,
                                 const Copies& copies, Timestamp now, std::vector<Bind>& out) {
  if (entity_.id == EntityId::kAssessmentProgress) {
    MATRICULA_CHECK(note_attempt_left(session, values));
  }
  MATRICULA_TRY(const ChangeLog::Next next, changes_.next(session, text_of(values[*company_])));
  append_parameters(values, copies, std::max(now, next.not_before), next.number, out);
  return changes_.note_put(session, entity_, values);
}

void EntityWriter::append_parameters(std::span<const Bind> values, const Copies& copies,
                                     Timestamp now, std::int64_t number,
                                     std::vector<Bind>& out) const {
  bool has_time = false;
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    Bind& value = out.emplace_back(values[i]);
    if (entity_.fields[i].defaults_to_now) {
      has_time = !std::holds_alternative<std::monostate>(value);
      if (!has_time) {
        value = now;
      }
    }
  }
  if (entity_.id == EntityId::kProgramProgress) {
    out.emplace_back(copies.email_key);
    out.emplace_back(copies.title_key);
  }
  if (is_progress(entity_.id)) {
    out.emplace_back(number);
    out.emplace_back(std::int64_t{has_time ? 1 : 0});
  }
}

Result<AddedUsers> EntityWriter::add_new_users(Session& session, storage::RowCopier& copier,
                                               std::span<const Bind> rows) {
  const std::size_t width = entity_.fields.size();
  std::vector<User> users;
  for (std::size_t i = 0; i < rows.size(); i += width) {
    users.push_back(user_of(rows.subspan(i, width)));
  }
  MATRICULA_TRY(AddedUsers done, users_.add_new(session, copier, users));
  if (!handovers_.is_empty()) {
    std::size_t left = 0;
    for (std::size_t place = 0; place < users.size(); ++place) {
      if (left < done.left.size() && done.left[left] == place) {
        ++left;
      } else {
        MATRICULA_CHECK(settle_deferred(session, rows.subspan(place * width, width)));
      }
    }
  }
  return done;
}

Result<void> EntityWriter::check_slug(Session& session, std::span<const Bind> values) {
  const Bind slug[] = {values[1]};
  MATRICULA_TRY(const RowsHandle rows, session.query(statements().slug_owner, slug));
  MATRICULA_TRY(const bool is_taken, rows->next());
  if (is_taken && rows->text(0) != text_of(values[0])) {
    return conflict(fmt::format("slug: {} already belongs to the company \"{}\"",
                                key_text(values[1]), rows->text(0)));
  }
  return {};
}

Result<Outcome> EntityWriter::defer(std::span<const Bind> values, Timestamp now,
                                    std::uint64_t tag) {
  WaitingRecord record{.tag = tag, .now = now, .values = {}};
  for (const Bind& value : values.first(entity_.fields.size())) {
    record.values.emplace_back(raw_text(value));
  }
  const std::string key = record.values[0];
  if (!handovers_.add(key, std::move(record))) {
    return conflict(
        fmt::format("more than {} records of the file wait for values of others; "
                    "split the file",
                    kHandoversMax));
  }
  return Outcome::kDeferred;
}

// A later line of the file has already decided the outcome of the record.
Result<void> EntityWriter::settle_deferred(Session& session, std::span<const Bind> values) {
  if (handovers_.is_empty()) {
    return {};
  }
  return handovers_.supersede(raw_text(values[0]), settler(session));
}

Handovers::Settle EntityWriter::settler(Session& session) {
  return [this, &session](const WaitingRecord& record, bool is_put) -> Result<void> {
    if (is_put) {
      return report_(record.tag, Outcome::kChanged);
    }
    const std::vector<Bind> values = UniqueValues(*this).binds(record);
    if (entity_.id == EntityId::kCompanies) {
      const Result<void> checked = check_slug(session, values);
      return report_(record.tag,
                     checked ? Result<Outcome>(Outcome::kChanged) : fail(checked.error()));
    }
    return report_(record.tag, conflict(fmt::format("email: {} already belongs to another user",
                                                    key_text(values[1]))));
  };
}

Result<void> EntityWriter::finish(Session& session) {
  UniqueValues table(*this);
  return handovers_.finish(session, table, settler(session));
}

Result<Outcome> EntityWriter::remove(Session& session, std::span<const Bind> values) {
  MATRICULA_CHECK(check_is_not_referred_to(session, values));
  if (is_progress(entity_.id)) {
    return remove_progress(session, values);
  }
  MATRICULA_CHECK(settle_deferred(session, values));
  if (entity_.id == EntityId::kUsers) {
    const Bytes id = std::get<Bytes>(values[0]);
    MATRICULA_TRY(const bool was_there, users_.remove(session, id));
    MATRICULA_CHECK(changes_.removals().note(entity_.id, storage::as_text(id)));
    return was_there ? Outcome::kDeleted : Outcome::kUnchanged;
  }
  // Before the deletion: afterwards the row does not tell what it belonged to.
  MATRICULA_CHECK(note_removal(session, values));
  MATRICULA_TRY(const bool was_there, delete_row(session, values));
  MATRICULA_CHECK(changes_.removals().note(entity_.id, text_of(values[0])));
  return was_there ? Outcome::kDeleted : Outcome::kUnchanged;
}

Result<void> EntityWriter::release(Session& session, std::span<const Bind> values) {
  return users_.release_address(session, std::get<Bytes>(values[0]));
}

Result<void> EntityWriter::reclaim(Session& session, std::span<const Bind> values,
                                   std::string_view company) {
  const Bytes id = std::get<Bytes>(values[0]);
  const Result<bool> is_there = users_.reclaim_address(session, id, company);
  if (!is_there && is_there.error().code == ErrorCode::kConflict) {
    return conflict(fmt::format(
        "the user {} cannot be deleted, and another one has been given its e-mail address",
        key_text(values[0])));
  }
  MATRICULA_CHECK(is_there);
  return *is_there
             ? changes_.note_row(session, {EntityId::kUsers, std::string(storage::as_text(id))})
             : Result<void>();
}

Result<bool> EntityWriter::delete_row(Session& session, std::span<const Bind> values) {
  std::array<Bind, kFieldsMax> binds;
  std::size_t count = 0;
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    if (entity_.fields[i].is_key) {
      binds[count++] = values[i];
    }
  }
  MATRICULA_TRY(const std::int64_t changes,
                session.execute(delete_, std::span<const Bind>(binds.data(), count)));
  return changes > 0;
}

}  // namespace matricula::records
