#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "exchange/export.h"
#include "exchange/import.h"
#include "exchange/testing.h"
#include "migrations/migrations.h"
#include "records/change_reader.h"
#include "records/entities.h"
#include "records/find_problems.h"
#include "records/limits.h"
#include "records/row_state.h"

namespace matricula::exchange {

// One of several stores that take the same imports and must end alike. Each import is a day later.
class Side {
 public:
  explicit Side(const std::string& url, std::size_t reports_max = records::kChangesMax)
      : database_(storage::open_database(url, {.migrations = migrations::all()}, clock_).value()),
        reports_max_(reports_max) {}

  storage::Database& database() { return *database_; }

  // What became of the files, by the report.
  std::string import(const std::vector<std::string>& paths, bool skip_invalid) {
    clock_.set_calendar(clock_.now() + kMicrosPerDay);
    const auto report = import_paths(
        *database_, paths, {.skip_invalid = skip_invalid, .reports_max = reports_max_}, clock_);
    if (!report) {
      return report.error().message + report.error().internal;
    }
    std::string summary;
    for (const FileReport& file : report->files) {
      for (const std::string& reason : file.reasons) {
        summary += reason.substr(reason.rfind('/') + 1) + "\n";
      }
      summary += fmt::format("{} records +{} ={} -{} !{} {}\n", file.records, file.changed,
                             file.unchanged, file.deleted, file.rejected, file.is_kept);
    }
    return summary;
  }

  // Every record, in canonical form.
  std::string all_records() {
    const storage::TempDirectory out;
    EXPECT_TRUE(export_records(*database_, out.file("all")));
    std::string all;
    for (const records::Entity& entity : records::entities()) {
      all += read_file(out.file("all/") + std::string(entity.name) + ".ndjson");
    }
    return all;
  }

  // What is wrong with the records, their copies and their numbers.
  std::string problems() {
    const auto session = database_->open_reader().value();
    EXPECT_TRUE(session->begin_snapshot());
    std::string all;
    const std::vector<std::string> problems = records::find_problems(*session).value();
    for (const std::string& problem : problems) {
      all += problem + "\n";
    }
    session->end_snapshot();
    return all;
  }

  // What has changed in each company since the last call, sorted, a line each: the order of numbers
  // within one write is the store's own affair.
  std::string new_changes() {
    const auto session = database_->open_reader().value();
    const storage::Statement companies("SELECT company_id FROM company_sequences");
    std::vector<std::string> ids;
    {
      const auto rows = session->query(companies, {}).value();
      while (rows->next().value()) {
        ids.emplace_back(rows->text(0));
      }
    }
    std::vector<records::EntityId> tables;
    for (const records::Entity& entity : records::entities()) {
      tables.push_back(entity.id);
    }
    std::vector<std::string> lines;
    for (const std::string& id : ids) {
      std::int64_t& seen = seen_[id];
      records::ChangeReader changes(
          *session, {.company = id, .tables = tables, .after = seen, .deletes_after = seen});
      while (changes.next().value()) {
        const records::Change& change = changes.change();
        seen = change.sequence;
        std::string& line = lines.emplace_back(id + (change.is_deletion ? " - " : " + "));
        line += change.entity->name;
        for (const std::string& part : records::key_texts(*change.entity, change.values)) {
          line += " " + part;
        }
      }
      const auto state = records::read_sequence(*session, id).value();
      EXPECT_EQ(state->last, seen) << id;
      // Numbers without gaps: as many as changes, however they were written.
      lines.push_back(fmt::format("{} is at {}", id, state->last));
    }
    std::ranges::sort(lines);
    std::string all;
    for (const std::string& line : lines) {
      all += line + "\n";
    }
    return all;
  }

 private:
  ManualClock clock_;
  std::unique_ptr<storage::Database> database_;
  std::size_t reports_max_;
  std::map<std::string, std::int64_t> seen_;  // by company
};

}  // namespace matricula::exchange
