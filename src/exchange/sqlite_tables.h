#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "base/uuid.h"
#include "records/entities.h"
#include "storage/database.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/prepared.h"
#include "tables/table.h"

namespace matricula::exchange {

// A view that a file of some tables lacks, since it needs others as well.
struct MissingView {
  records::EntityId table;
  std::vector<records::EntityId> needs;
};
std::vector<MissingView> missing_views(std::span<const records::EntityId> entities);

// Fills an SQLite file for people and programs to query: tables with the columns, keys and foreign
// keys of the entities, indexes on references and on updatedAt, ids of users, times and JSON as
// text; and a view TABLE_flat of each progress table. One thread at a time.
class SqliteTables {
 public:
  // `path` is an empty file. `entities` are the tables that will be there: a foreign key or a view
  // that needs another one is left out (missing_views()).
  static Result<SqliteTables> open(const std::string& path,
                                   std::span<const records::EntityId> entities);
  // Makes a table, whose rows follow. Parents come before children.
  Result<void> begin_table(const tables::Table& table);
  // values[i] is that of the i-th column of the table begun last.
  Result<void> append(std::span<const storage::Bind> values);
  // Adds indexes and views. Everything is in the file then; the caller makes it durable.
  Result<void> finish();

 private:
  SqliteTables(std::string path, storage::sqlite::Connection connection,
               std::span<const records::EntityId> entities);
  bool has(records::EntityId entity) const;
  std::string table_text(const tables::Table& table) const;
  std::string index_texts(const records::Entity& entity) const;
  std::string view_text(records::EntityId entity) const;
  Result<void> run(const std::string& sql);
  tl::unexpected<Error> failed(const Error& error) const;

  std::string path_;
  storage::sqlite::Connection connection_;
  std::vector<records::EntityId> entities_;
  std::unique_ptr<const storage::Statement> statement_;
  std::unique_ptr<storage::sqlite::Prepared> insert_;
  std::vector<records::FieldType> types_;
  // The current row in the form of the file.
  std::array<storage::Bind, tables::kColumnsMax> values_;
  std::array<std::array<char, kUuidTextBytes>, tables::kColumnsMax> texts_;
};

}  // namespace matricula::exchange
