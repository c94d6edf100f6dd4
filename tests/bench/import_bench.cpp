#include <array>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <sqlite3.h>
#include <string>
#include <unistd.h>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/clock.h"
#include "exchange/byte_source.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "exchange/line_reader.h"
#include "exchange/record_reader.h"
#include "server/store.h"
#include "storage/testing.h"
#include "tests/bench/measure.h"

// What import of program progress costs, in CPU time, next to bare inserts of the same rows, in the
// same sequence, into the same tables with the same indexes.
// usage: import_bench [LEARNERS]

namespace {

using namespace matricula;
using namespace matricula::bench;

constexpr int kRounds = 3;

using Value = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<char>>;
using Row = std::vector<Value>;

void check(int code) {
  MATRICULA_ASSERT(code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW);
}

// The copies that rows of program progress bear: order keys by user and by program.
struct Copies {
  std::unordered_map<std::string, std::string> email_by_user;
  std::unordered_map<std::string, std::string> title_by_program;
};

Copies copies_of(const std::string& store) {
  Copies copies;
  sqlite3* db = nullptr;
  check(sqlite3_open(store.c_str(), &db));
  const auto read = [&](const char* sql, auto& into) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr));
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* key = static_cast<const char*>(sqlite3_column_blob(statement, 0));
      into.emplace(std::string(key, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0))),
                   reinterpret_cast<const char*>(sqlite3_column_text(statement, 1)));
    }
    sqlite3_finalize(statement);
  };
  read("SELECT id, email_key FROM users", copies.email_by_user);
  read("SELECT key, title_key FROM program_titles", copies.title_by_program);
  sqlite3_close(db);
  return copies;
}

Value value_of(const storage::Bind& bind) {
  if (const auto* bytes = std::get_if<storage::Bytes>(&bind)) {
    std::vector<char> copy(bytes->size());
    std::memcpy(copy.data(), bytes->data(), bytes->size());
    return copy;
  }
  if (const auto* text = std::get_if<std::string_view>(&bind)) {
    return std::string(*text);
  }
  if (const auto* real = std::get_if<double>(&bind)) {
    return *real;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&bind)) {
    return *integer;
  }
  return std::monostate{};
}

// The file's rows as their columns hold them.
std::vector<Row> read_rows(const std::string& file, const Copies& copies) {
  const records::Entity& entity = records::entity(records::EntityId::kProgramProgress);
  exchange::LineReader lines(must(exchange::open_source(file)));
  exchange::RecordReader reader(entity);
  exchange::Line line;
  exchange::Record record;
  std::vector<Row> rows;
  while (must(lines.next(line))) {
    must(reader.read(line.text, record));
    Row row;
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      row.push_back(value_of(record.values[i]));
    }
    const auto& user = std::get<std::vector<char>>(row[1]);
    const auto& program = std::get<std::string>(row[2]);
    row.emplace_back(copies.email_by_user.at(std::string(user.data(), user.size())));
    const auto title = copies.title_by_program.find(program);
    row.emplace_back(title == copies.title_by_program.end() ? program : title->second);
    rows.push_back(std::move(row));
  }
  return rows;
}

void bind(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    check(sqlite3_bind_int64(statement, place, *integer));
  } else if (const auto* real = std::get_if<double>(&value)) {
    check(sqlite3_bind_double(statement, place, *real));
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    check(sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()),
                            SQLITE_STATIC));
  } else if (const auto* bytes = std::get_if<std::vector<char>>(&value)) {
    check(sqlite3_bind_blob(statement, place, bytes->data(), static_cast<int>(bytes->size()),
                            SQLITE_STATIC));
  } else {
    check(sqlite3_bind_null(statement, place));
  }
}

// CPU time of bare inserts in one transaction.
double insert_bare(const std::string& store, const std::vector<Row>& rows) {
  sqlite3* db = nullptr;
  check(sqlite3_open(store.c_str(), &db));
  check(sqlite3_exec(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                     "PRAGMA wal_autocheckpoint=0;",
                     nullptr, nullptr, nullptr));
  std::string columns;
  std::string places;
  for (const records::Field& field : records::entity(records::EntityId::kProgramProgress).fields) {
    columns += fmt::format("{}, ", field.column);
    places += "?, ";
  }
  const std::string sql = fmt::format(
      "INSERT INTO program_progress ({}email_key, title_key) VALUES ({}?, ?)", columns, places);
  const double before = cpu_us_of(::getpid());
  check(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr));
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      bind(statement, static_cast<int>(i + 1), row[i]);
    }
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
  }
  sqlite3_finalize(statement);
  check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr));
  const double cost = cpu_us_of(::getpid()) - before;
  sqlite3_close(db);
  return cost;
}

// CPU time of the import of one file.
double import_file(const std::string& store, const std::string& file, const Clock& clock) {
  const auto database = must(server::open_store(store, {}, clock));
  const double before = cpu_us_of(::getpid());
  const auto report = must(exchange::import_paths(*database, std::span(&file, 1), {}, clock));
  const double cost = cpu_us_of(::getpid()) - before;
  MATRICULA_ASSERT(report.rejected() == 0);
  return cost;
}

}  // namespace

int main(int count, char** arguments) {
  const SystemClock clock;
  const storage::TempDirectory directory;
  const std::string data = directory.file("data");
  const std::string file = data + "/program_progress.ndjson";
  must(exchange::generate({.out = data,
                           .companies = 4,
                           .learners = count > 1 ? std::stoull(arguments[1]) : 40'000,
                           .seed = 7},
                          clock));
  // A store with everything that program progress refers to.
  const std::string base = directory.file("base.db");
  {
    std::vector<std::string> before;
    for (const char* name : {"companies", "contracts", "users", "programs", "learning_plans"}) {
      before.push_back(fmt::format("{}/{}.ndjson", data, name));
    }
    const auto database = must(server::open_store(base, {}, clock));
    must(exchange::import_paths(*database, before, {}, clock));
    must(database->backup(directory.file("copy.db")));
  }
  const std::vector<Row> rows = read_rows(file, copies_of(base));
  std::vector<double> imported;
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    const std::string ours = directory.file(fmt::format("ours-{}.db", round));
    const std::string bare = directory.file(fmt::format("bare-{}.db", round));
    std::filesystem::copy_file(directory.file("copy.db"), ours);
    std::filesystem::copy_file(directory.file("copy.db"), bare);
    imported.push_back(import_file(ours, file, clock));
    ratios.push_back(imported.back() / insert_bare(bare, rows));
  }
  fmt::print(
      "import of {} rows of program progress: {:.0f} rows a second of CPU time; import / bare "
      "inserts: {:.2f} (bound 1.5)\n",
      rows.size(), static_cast<double>(rows.size()) / median(imported) * 1e6, median(ratios));
  return 0;
}
