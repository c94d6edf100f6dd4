#include "exchange/feed_import.h"

#include <array>
#include <fmt/format.h>
#include <simdjson.h>
#include <vector>

#include "base/assert.h"
#include "exchange/feed_company.h"
#include "exchange/feed_from_start.h"
#include "exchange/feed_spool.h"
#include "exchange/import_error.h"
#include "exchange/import_totals.h"
#include "exchange/limits.h"
#include "exchange/line_outcomes.h"
#include "exchange/line_reader.h"
#include "exchange/record_batch.h"
#include "exchange/record_reader.h"
#include "records/change_log.h"
#include "records/company_rows.h"
#include "records/find_problems.h"
#include "records/record_sql.h"
#include "tables/change_line.h"

namespace matricula::exchange {
namespace {

using records::BroughtTimes;
using records::Entity;
using records::EntityId;
using records::EntityWriter;
using records::Outcome;
using storage::Bind;
using storage::Session;

// Reads a feed to its end and keeps its lines; then applies them.
class FeedImport {
 public:
  FeedImport(storage::Database& database, LineReader lines, FeedSpool spool, std::string path,
             const ImportOptions& options, const Clock& clock)
      : database_(database),
        options_(options),
        clock_(clock),
        lines_(std::move(lines)),
        spool_(std::move(spool)),
        company_(options.company),
        changes_(database, clock, options.reports_max) {
    report_.path = std::move(path);
  }

  // Reads every line; a rejected one is noted and the next is read.
  Result<void> read() {
    Line line;
    for (;;) {
      MATRICULA_TRY(const bool is_line, lines_.next(line));
      if (!is_line) {
        return {};
      }
      MATRICULA_CHECK(keep(line));
      if (line.number % kLinesPerProgress == 0) {
        tell_progress(false);
      }
    }
  }

  // Applies the lines, parents before records that refer to them. A deletion may have to wait for
  // other deletions or for later lines, so those that fail at first are tried again at the end.
  Result<void> apply(Session& session) {
    MATRICULA_CHECK(company_.find(session, spool_));
    if (options_.from_start) {
      MATRICULA_CHECK(delete_what_lacks(session, company_.id(), spool_));
    }
    for (const EntityId id : kDeletionOrder) {
      MATRICULA_CHECK(counted(session, id, &FeedImport::remove_all));
    }
    MATRICULA_CHECK(release_waiting(session));
    for (const Entity& entity : records::entities()) {
      // Contracts refer to programs by their settled titles, and progress rows that show a changed
      // name or title must move before their own lines are applied. A feed has a record once, so
      // that no row is put back later.
      if (entity.id == EntityId::kContractPrograms || entity.id == EntityId::kProgramProgress) {
        MATRICULA_CHECK(changes_.settle_rows(session));
      }
      MATRICULA_CHECK(counted(session, entity.id, &FeedImport::put_all));
    }
    for (const EntityId id : kDeletionOrder) {
      MATRICULA_CHECK(counted(session, id, &FeedImport::remove_waiting));
    }
    return {};
  }

  // For a feed that is kept: numbers and counts its changes.
  Result<void> finish(Session& session) {
    MATRICULA_CHECK(changes_.finish(session));
    for (const Entity& entity : records::entities()) {
      const FileReport& of_table = totals_[static_cast<std::size_t>(entity.id)];
      if (of_table.changed + of_table.unchanged + of_table.deleted > 0) {
        MATRICULA_CHECK(add_import(session, entity, of_table, clock_.now()));
      }
    }
    return {};
  }

  // Checks again that no access data refers to deleted records.
  Result<void> recheck(Session& session) { return changes_.removals().recheck(session); }

  bool has_bad_lines() const { return outcomes_.rejected() > 0; }

  FileReport take_report(bool is_kept) {
    outcomes_.write(report_);
    report_.is_kept = is_kept;
    tell_progress(true);
    return std::move(report_);
  }

 private:
  // Children before parents.
  static constexpr std::array<EntityId, records::kEntityCount> kDeletionOrder = {
      EntityId::kLearningPlanProgress,
      EntityId::kAssessmentProgress,
      EntityId::kProgramProgress,
      EntityId::kLearningPlans,
      EntityId::kContractAssessments,
      EntityId::kAssessments,
      EntityId::kContractPrograms,
      EntityId::kPrograms,
      EntityId::kUsers,
      EntityId::kContracts,
      EntityId::kCompanies};

  struct Deletion {
    std::uint64_t line;
    EntityId entity;
    std::string text;
  };

  Result<void> keep(const Line& line);
  Result<void> counted(Session& session, EntityId id,
                       Result<void> (FeedImport::*work)(Session&, EntityId));
  Result<void> put_all(Session& session, EntityId id);
  Result<void> remove_all(Session& session, EntityId id);
  Result<void> release_waiting(Session& session);
  Result<void> remove_waiting(Session& session, EntityId id);
  template <typename Take>
  Result<void> each_waiting(Session& session, EntityId id, const Take& take);
  std::span<const Bind> values_of(const Entity& entity) const {
    return std::span<const Bind>(record_.values).first(entity.fields.size());
  }
  Result<bool> parse(Session& session, const Entity& entity, std::uint64_t line,
                     std::string_view text);
  Result<bool> remove(Session& session, EntityWriter& writer, const Entity& entity,
                      std::uint64_t line, bool may_wait);
  void tell_progress(bool is_done) const;

  storage::Database& database_;
  const ImportOptions& options_;
  const Clock& clock_;
  LineReader lines_;
  FeedLineReader reader_;
  FeedSpool spool_;
  FeedCompany company_;
  LineOutcomes outcomes_;
  records::ChangeLog changes_;
  Record record_;
  std::int64_t last_sequence_ = 0;
  std::uint64_t last_line_ = 0;  // that bears it
  std::vector<Deletion> waiting_;
  std::array<FileReport, records::kEntityCount> totals_;
  FileReport report_;
};

Result<void> FeedImport::keep(const Line& line) {
  if (is_blank(line)) {
    return {};
  }
  ++report_.records;
  if (line.is_too_long) {
    outcomes_.reject_too_long(line.number);
    return {};
  }
  const Result<FeedLine> read = reader_.read(line.text, record_);
  if (!read) {
    outcomes_.reject(line.number, read.error().message);
    return {};
  }
  if (read->sequence <= last_sequence_) {
    outcomes_.reject(
        line.number,
        fmt::format("{}: {} does not follow {} of line {}; give the pages of a feed in their "
                    "order, each once",
                    tables::kSequenceMember, read->sequence, last_sequence_, last_line_));
    return {};
  }
  last_sequence_ = read->sequence;
  last_line_ = line.number;
  if (const Result<void> named = company_.check_named(*read, record_); !named) {
    outcomes_.reject(line.number, named.error().message);
    return {};
  }
  return spool_.add(*read, line.number, record_, line.text);
}

// Adds what `work` did to the totals of its table.
Result<void> FeedImport::counted(Session& session, EntityId id,
                                 Result<void> (FeedImport::*work)(Session&, EntityId)) {
  FileReport before;
  outcomes_.write(before);
  MATRICULA_CHECK((this->*work)(session, id));
  FileReport after;
  outcomes_.write(after);
  FileReport& total = totals_[static_cast<std::size_t>(id)];
  total.changed += after.changed - before.changed;
  total.unchanged += after.unchanged - before.unchanged;
  total.deleted += after.deleted - before.deleted;
  return {};
}

// Reads a line of the spool into record_; false where it is rejected, or deletes a record that
// another company has by now.
Result<bool> FeedImport::parse(Session& session, const Entity& entity, std::uint64_t line,
                               std::string_view text) {
  const Result<FeedLine> read = reader_.read(text, record_);
  MATRICULA_ASSERT(read.has_value());  // as when it was kept
  if (record_.is_deletion) {
    MATRICULA_TRY(const bool is_kept, company_.is_of_another(session, entity, record_));
    if (is_kept) {
      outcomes_.count(Outcome::kUnchanged);
    }
    return !is_kept;
  }
  const Result<void> checked = company_.check_owner(session, entity, record_);
  if (!checked && checked.error().code == ErrorCode::kBadUserInput) {
    outcomes_.reject(line, checked.error().message);
    return false;
  }
  if (!checked) {
    return fail(checked.error());
  }
  return true;
}

Result<void> FeedImport::put_all(Session& session, EntityId id) {
  const Entity& entity = records::entity(id);
  RecordBatch batch(entity, database_.dialect(), changes_, outcomes_, BroughtTimes::kAlways);
  // A company that the line names was checked when the line was read.
  const bool names_company = records::find_field(entity, "companyId").has_value();
  const auto put = [&](std::uint64_t line, std::string_view text) -> Result<void> {
    bool is_good = true;
    if (names_company) {
      MATRICULA_ASSERT(reader_.read(text, record_).has_value());
    } else {
      MATRICULA_TRY(is_good, parse(session, entity, line, text));
    }
    return is_good ? batch.take(session, line, record_, clock_.now()) : Result<void>();
  };
  MATRICULA_CHECK(spool_.for_each(id, false, put));
  return batch.finish(session);
}

// Deletes the record of a line, which record_ holds. False where it has to wait for other lines.
Result<bool> FeedImport::remove(Session& session, EntityWriter& writer, const Entity& entity,
                                std::uint64_t line, bool may_wait) {
  const std::span<const Bind> values = values_of(entity);
  if (records::is_of_several_companies(entity.id)) {
    MATRICULA_TRY(const bool is_left,
                  records::is_left_to_others(session, entity.id, values[0], company_.id()));
    if (is_left) {
      outcomes_.count(Outcome::kUnchanged);
      return true;
    }
  }
  const Result<Outcome> removed = writer.remove(session, values);
  if (removed) {
    outcomes_.count(*removed);
    return true;
  }
  if (removed.error().code != ErrorCode::kConflict) {
    return fail(removed.error());
  }
  if (may_wait) {
    return false;
  }
  if (records::is_of_several_companies(entity.id)) {
    outcomes_.count(Outcome::kUnchanged);
  } else {
    outcomes_.reject(line, removed.error().message);
  }
  return true;
}

Result<void> FeedImport::remove_all(Session& session, EntityId id) {
  const Entity& entity = records::entity(id);
  EntityWriter writer(entity, database_.dialect(), changes_);
  return spool_.for_each(id, true, [&](std::uint64_t line, std::string_view text) -> Result<void> {
    MATRICULA_TRY(const bool is_good, parse(session, entity, line, text));
    if (!is_good) {
      return {};
    }
    MATRICULA_TRY(const bool is_done, remove(session, writer, entity, line, true));
    if (!is_done) {
      waiting_.push_back({.line = line, .entity = id, .text = std::string(text)});
    }
    return {};
  });
}

// The addresses of users that are to be deleted may be those of others in the same feed.
Result<void> FeedImport::release_waiting(Session& session) {
  const Entity& entity = records::entity(EntityId::kUsers);
  EntityWriter writer(entity, database_.dialect(), changes_);
  return each_waiting(session, EntityId::kUsers,
                      [&](std::uint64_t) { return writer.release(session, values_of(entity)); });
}

Result<void> FeedImport::remove_waiting(Session& session, EntityId id) {
  const Entity& entity = records::entity(id);
  EntityWriter writer(entity, database_.dialect(), changes_);
  return each_waiting(session, id, [&](std::uint64_t line) -> Result<void> {
    MATRICULA_TRY([[maybe_unused]] const bool is_done,
                  remove(session, writer, entity, line, false));
    if (id != EntityId::kUsers) {
      return {};
    }
    Result<void> reclaimed = writer.reclaim(session, values_of(entity), company_.id());
    if (!reclaimed && reclaimed.error().code == ErrorCode::kConflict) {
      outcomes_.reject(line, reclaimed.error().message);
      return {};
    }
    return reclaimed;
  });
}

// Reads each deletion of the table that waits into record_.
template <typename Take>
Result<void> FeedImport::each_waiting(Session& session, EntityId id, const Take& take) {
  for (Deletion& deletion : waiting_) {
    if (deletion.entity != id) {
      continue;
    }
    deletion.text.reserve(deletion.text.size() + simdjson::SIMDJSON_PADDING);
    MATRICULA_TRY(const bool is_good,
                  parse(session, records::entity(id), deletion.line, deletion.text));
    if (is_good) {
      MATRICULA_CHECK(take(deletion.line));
    }
  }
  return {};
}

void FeedImport::tell_progress(bool is_done) const {
  if (options_.on_progress) {
    options_.on_progress({.path = report_.path,
                          .records = report_.records,
                          .bytes_read = lines_.source().bytes_read(),
                          .bytes_total = lines_.source().bytes_total(),
                          .is_done = is_done});
  }
}

}  // namespace

Result<Feed> open_feed(const std::string& path) {
  if (path == "-") {
    return Feed{.path = path, .source = standard_input()};
  }
  MATRICULA_TRY(std::unique_ptr<ByteSource> source, open_source(path));
  return Feed{.path = path, .source = std::move(source)};
}

Result<FileReport> import_changes(storage::Database& database, Feed feed,
                                  const ImportOptions& options, const Clock& clock) {
  MATRICULA_ASSERT(!options.skip_invalid);
  MATRICULA_CHECK(database.require_all_companies());
  MATRICULA_TRY(FeedSpool spool, FeedSpool::open());
  FeedImport import(database, LineReader(std::move(feed.source)), std::move(spool), feed.path,
                    options, clock);
  MATRICULA_CHECK(import.read());
  if (import.has_bad_lines()) {
    return import.take_report(false);
  }
  const auto work = [&](Session& session) -> Result<void> {
    MATRICULA_CHECK(records::require_triggers(session));
    MATRICULA_CHECK(import.apply(session));
    if (import.has_bad_lines()) {
      return fail(ErrorCode::kBadUserInput, "The feed has bad lines.");  // rolls back
    }
    return import.finish(session);
  };
  const Result<void> written = database.write_records(
      {.work = work, .recheck = [&](Session& session) { return import.recheck(session); }});
  if (!written && !import.has_bad_lines()) {
    return fail(with_path(written.error(), feed.path));
  }
  return import.take_report(written.has_value());
}

}  // namespace matricula::exchange
