#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/export.h"
#include "exchange/testing.h"
#include "records/change_reader.h"
#include "tables/change_line.h"

namespace matricula::exchange {

// All lines of a company's feed after `after`, which moves to the last.
inline std::string feed_of(storage::Database& database, std::string_view company,
                           std::int64_t& after) {
  const auto session = database.open_reader().value();
  EXPECT_TRUE(session->begin_snapshot());
  std::vector<records::EntityId> tables;
  for (const records::Entity& entity : records::entities()) {
    tables.push_back(entity.id);
  }
  std::string lines;
  {
    const std::optional<std::int64_t> deletes_after =
        after > 0 ? std::optional(after) : std::nullopt;
    records::ChangeReader changes(
        *session,
        {.company = company, .tables = tables, .after = after, .deletes_after = deletes_after});
    while (changes.next().value()) {
      tables::append_change(lines, changes.change());
      after = changes.change().sequence;
    }
  }
  session->end_snapshot();
  return lines;
}

// What export writes of a company: each file's name and text.
inline std::string company_rows_of(storage::Database& database, const std::string& company) {
  const storage::TempDirectory out;
  const auto files = export_records(database, out.file("all"), {.company = company});
  EXPECT_TRUE(files.has_value());
  std::string all;
  for (const ExportedFile& file : files.value()) {
    all += file.path.substr(file.path.rfind('/') + 1) + "\n" + read_file(file.path);
  }
  return all;
}

}  // namespace matricula::exchange
