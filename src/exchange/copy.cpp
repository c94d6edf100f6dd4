#include "exchange/copy.h"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <sodium.h>
#include <span>
#include <utility>

#include "base/join.h"
#include "storage/each_row.h"
#include "storage/snapshot.h"

namespace matricula::exchange {
namespace {

using storage::Bind;
using storage::ResultSize;
using storage::Rows;
using storage::Session;
using storage::Statement;
using storage::ValueType;

// Rows that go into one statement, so that few round trips carry many.
constexpr std::size_t kRowsPerInsert = 64;
constexpr std::uint64_t kRowsPerProgress = 10'000;

struct Table {
  std::string name;
  std::vector<std::string> columns;
  std::vector<ValueType> types;  // of them
  std::vector<std::string> key;  // the columns that order its rows
  std::string counter;           // the column that the store numbers; empty for none
};

// The queries that list the tables of a store, parents before tables that refer to them; and of one
// table the columns with their types and whether the store numbers them, and the columns of its
// key. Tables that stores maintain by themselves are not copied.
struct Catalog {
  const Statement tables;
  const Statement columns;
  const Statement key;
};

constexpr std::string_view kLeftOut =
    "'schema_migrations', 'store_state', 'store_commits', 'store_epoch', 'request_windows', "
    "'limit_clock', "
    // Kept by triggers and at the end of each write.
    "'program_progress_counts', 'program_progress_program_counts', 'assessment_progress_counts', "
    "'learning_plan_progress_counts', 'company_people', 'people_index', 'people_blocks', "
    "'people_grams'";

const Catalog& postgres_catalog() {
  static const Catalog kCatalog{
      .tables = Statement(fmt::format(
          "WITH RECURSIVE chosen AS (SELECT c.oid, c.relname FROM pg_class c WHERE c.relkind IN "
          "('r', 'p') AND c.relnamespace = quote_ident(current_schema())::regnamespace AND "
          "c.relname NOT IN "
          "({})), depth(oid, level) AS (SELECT oid, 0 FROM chosen UNION SELECT k.conrelid, d.level "
          "+ 1 FROM depth d JOIN pg_constraint k ON k.confrelid = d.oid AND k.contype = 'f' AND "
          "k.conrelid <> d.oid WHERE d.level < 20) SELECT c.relname::text FROM chosen c JOIN depth "
          "d ON d.oid = c.oid GROUP BY c.relname ORDER BY max(d.level), c.relname",
          kLeftOut)),
      .columns = Statement(
          "SELECT a.attname::text, format_type(a.atttypid, NULL), a.attidentity <> '' "
          "FROM pg_attribute a WHERE a.attrelid = to_regclass(?1) AND a.attnum > 0 AND NOT "
          "a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum"),
      .key = Statement(
          "SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::smallint[]) "
          "WITH ORDINALITY k(attnum, place) JOIN pg_attribute a ON a.attrelid = i.indrelid AND "
          "a.attnum = k.attnum WHERE i.indrelid = to_regclass(?1) AND i.indisprimary ORDER BY "
          "k.place")};
  return kCatalog;
}

// Columns that are generated are not among those of table_info; a number that was given sets the
// counter of AUTOINCREMENT by itself.
const Catalog& sqlite_catalog() {
  static const Catalog kCatalog{
      .tables = Statement(fmt::format(
          "WITH RECURSIVE chosen AS (SELECT name FROM sqlite_schema WHERE type = 'table' AND "
          "substr(name, 1, 7) <> 'sqlite_' AND name NOT IN ({})), depth(name, level) AS (SELECT "
          "name, 0 FROM chosen UNION SELECT c.name, d.level + 1 FROM depth d JOIN chosen c ON "
          "c.name <> d.name JOIN pragma_foreign_key_list(c.name) k ON k.\"table\" = d.name WHERE "
          "d.level < 20) SELECT name FROM depth GROUP BY name ORDER BY max(level), name",
          kLeftOut)),
      .columns = Statement("SELECT name, type, 0 FROM pragma_table_info(?1) ORDER BY cid"),
      .key = Statement("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")};
  return kCatalog;
}

const Catalog& catalog_of(sql::Dialect dialect) {
  return dialect == sql::Dialect::kSqlite ? sqlite_catalog() : postgres_catalog();
}

ValueType type_of(std::string_view name) {
  return name == "bigint" || name == "INTEGER"          ? ValueType::kInteger
         : name == "double precision" || name == "REAL" ? ValueType::kReal
         : name == "bytea" || name == "BLOB"            ? ValueType::kBytes
                                                        : ValueType::kText;
}

Result<std::vector<Table>> read_tables(Session& target) {
  const Catalog& catalog = catalog_of(target.dialect());
  std::vector<Table> found;
  MATRICULA_CHECK(each_row(target, catalog.tables, {}, [&](const Rows& row) {
    found.push_back(
        {.name = std::string(row.text(0)), .columns = {}, .types = {}, .key = {}, .counter = {}});
  }));
  for (Table& table : found) {
    const Bind name[] = {std::string_view(table.name)};
    MATRICULA_CHECK(each_row(target, catalog.columns, name, [&](const Rows& row) {
      table.columns.emplace_back(row.text(0));
      table.types.push_back(type_of(row.text(1)));
      if (row.integer(2) != 0) {
        table.counter = row.text(0);
      }
    }));
    MATRICULA_CHECK(each_row(target, catalog.key, name,
                             [&](const Rows& row) { table.key.emplace_back(row.text(0)); }));
  }
  return found;
}

// A digest of rows in order: every value with its kind and length.
class Checksum {
 public:
  Checksum() { crypto_generichash_init(&state_, nullptr, 0, kBytes); }
  void add(const Bind& value) {
    const auto kind = static_cast<unsigned char>(value.index());
    crypto_generichash_update(&state_, &kind, 1);
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
      add(integer, sizeof *integer);
    } else if (const auto* const real = std::get_if<double>(&value)) {
      add(real, sizeof *real);
    } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
      add_sized(text->data(), text->size());
    } else if (const auto* const bytes = std::get_if<storage::Bytes>(&value)) {
      add_sized(bytes->data(), bytes->size());
    }
  }
  std::string text() {
    std::array<unsigned char, kBytes> digest;
    crypto_generichash_final(&state_, digest.data(), digest.size());
    std::string out;
    for (const unsigned char byte : digest) {
      out += fmt::format("{:02x}", byte);
    }
    return out;
  }

 private:
  static constexpr std::size_t kBytes = 16;

  void add(const void* data, std::size_t size) {
    crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
  }
  void add_sized(const void* data, std::size_t size) {
    const std::uint64_t length = size;
    add(&length, sizeof length);
    add(data, size);
  }

  crypto_generichash_state state_;
};

Statement select_all(const Table& table) {
  return Statement(fmt::format("SELECT {} FROM {} ORDER BY {}", joined(table.columns), table.name,
                               joined(table.key)),
                   ResultSize::kLarge);
}

Statement insert_rows(const Table& table, sql::Dialect dialect, std::size_t rows) {
  std::string places;
  std::size_t place = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    places += row == 0 ? "(" : ", (";
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      places += fmt::format("{}?{}", column == 0 ? "" : ", ", ++place);
    }
    places += ')';
  }
  return Statement(fmt::format("INSERT INTO {} ({}){} VALUES {}", table.name, joined(table.columns),
                               dialect == sql::Dialect::kPostgres ? " OVERRIDING SYSTEM VALUE" : "",
                               places));
}

// Collects rows and writes many with one statement. Holds copies of the values until then.
class Inserter {
 public:
  Inserter(Session& target, const Table& table)
      : target_(target),
        table_(table),
        many_(insert_rows(table, target.dialect(), kRowsPerInsert)),
        one_(insert_rows(table, target.dialect(), 1)) {}

  Result<void> add(std::span<const Bind> row) {
    for (const Bind& value : row) {
      binds_.push_back(kept(value));
    }
    if (binds_.size() < kRowsPerInsert * table_.columns.size()) {
      return {};
    }
    MATRICULA_CHECK(target_.execute(many_, binds_));
    binds_.clear();
    texts_.clear();
    return {};
  }

  Result<void> finish() {
    const std::size_t width = table_.columns.size();
    for (std::size_t i = 0; i < binds_.size(); i += width) {
      MATRICULA_CHECK(target_.execute(one_, std::span(binds_).subspan(i, width)));
    }
    if (!table_.counter.empty()) {
      const Statement restart(fmt::format(
          "SELECT setval(pg_get_serial_sequence('{0}', '{1}'), coalesce(max({1}), 0) + 1, false) "
          "FROM {0}",
          table_.name, table_.counter));
      MATRICULA_CHECK(each_row(target_, restart, {}, [](const Rows&) {}));
    }
    return {};
  }

 private:
  Bind kept(const Bind& value) {
    if (const auto* const text = std::get_if<std::string_view>(&value)) {
      return std::string_view(texts_.emplace_back(*text));
    }
    if (const auto* const bytes = std::get_if<storage::Bytes>(&value)) {
      const std::string& made =
          texts_.emplace_back(reinterpret_cast<const char*>(bytes->data()), bytes->size());
      return std::as_bytes(std::span(made));
    }
    return value;
  }

  Session& target_;
  const Table& table_;
  const Statement many_;
  const Statement one_;
  std::vector<Bind> binds_;
  std::deque<std::string> texts_;
};

// Calls `take` with the values of each row in order; returns the checksum of all of them.
template <typename Take>
Result<std::string> for_each_row(Session& session, const Table& table, Take&& take) {
  const Statement select = select_all(table);
  std::vector<Bind> values(table.columns.size());
  Checksum checksum;
  MATRICULA_CHECK(each_row(session, select, {}, [&](const Rows& row) -> Result<void> {
    row.read(table.types, values);
    for (const Bind& value : values) {
      checksum.add(value);
    }
    return take(std::span<const Bind>(values));
  }));
  return checksum.text();
}

Result<CopiedTable> copy_table(Session& source, Session& target, const Table& table,
                               const CopyOptions& options) {
  CopiedTable copied{.name = table.name, .rows = 0, .checksum = {}};
  const Statement any(fmt::format("SELECT 1 FROM {} LIMIT 1", table.name));
  bool is_empty = true;
  MATRICULA_CHECK(each_row(target, any, {}, [&](const Rows&) { is_empty = false; }));
  if (!is_empty) {
    return fail(
        ErrorCode::kConflict,
        fmt::format("The target has rows in {} already. Copy into an empty store.", table.name));
  }
  Inserter inserter(target, table);
  MATRICULA_TRY(copied.checksum,
                for_each_row(source, table, [&](std::span<const Bind> row) -> Result<void> {
                  if (++copied.rows % kRowsPerProgress == 0 && options.on_progress) {
                    options.on_progress(table.name, copied.rows);
                  }
                  return inserter.add(row);
                }));
  MATRICULA_CHECK(inserter.finish());
  MATRICULA_TRY(
      const std::string checksum,
      for_each_row(target, table, [](std::span<const Bind>) -> Result<void> { return {}; }));
  if (checksum != copied.checksum) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("The copy of {} differs from the original. Nothing was kept.", table.name));
  }
  return copied;
}

// What no two stores have in common. A copy of a SQLite file has the epoch of the original, and a
// database made from a dump of another may have.
Result<std::string> identity_of(Session& session) {
  static const Statement kSqlite("SELECT file FROM pragma_database_list WHERE name = 'main'");
  static const Statement kPostgres(
      "SELECT pg_catalog.concat_ws(' ', e.epoch, e.tableoid, d.oid) FROM store_epoch e, "
      "pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()");
  MATRICULA_TRY(
      const storage::RowsHandle rows,
      session.query(session.dialect() == sql::Dialect::kSqlite ? kSqlite : kPostgres, {}));
  MATRICULA_TRY(const bool any, rows->next());
  return any ? std::string(rows->text(0)) : std::string();
}

Result<void> require_two_stores(Session& source, storage::Database& target) {
  MATRICULA_TRY(const std::unique_ptr<Session> reader, target.open_reader());
  MATRICULA_TRY(const std::string from, identity_of(source));
  MATRICULA_TRY(const std::string to, identity_of(*reader));
  return source.dialect() != reader->dialect() || from != to
             ? Result<void>()
             : fail(ErrorCode::kUsage,
                    "The source and the target are one store. Copy into another.");
}

}  // namespace

Result<std::vector<CopiedTable>> copy_store(storage::Database& source, storage::Database& target,
                                            const CopyOptions& options) {
  MATRICULA_CHECK(source.require_all_companies());
  MATRICULA_CHECK(target.require_all_companies());
  MATRICULA_TRY(const std::unique_ptr<Session> reader, source.open_reader());
  MATRICULA_CHECK(require_two_stores(*reader, target));
  MATRICULA_TRY(const storage::SnapshotHandle snapshot, storage::begin_long_snapshot(*reader));
  std::vector<CopiedTable> copied;
  const auto copy_all = [&](Session& session) -> Result<void> {
    MATRICULA_CHECK(storage::allow_idle(session));
    MATRICULA_TRY(const std::vector<Table> tables, read_tables(session));
    for (const Table& table : tables) {
      MATRICULA_TRY(CopiedTable done, copy_table(*reader, session, table, options));
      copied.push_back(std::move(done));
    }
    return {};
  };
  MATRICULA_CHECK(target.write(copy_all));
  return copied;
}

}  // namespace matricula::exchange
