#include "storage/sqlite/value_list.h"

#include <memory>
#include <new>
#include <span>
#include <variant>

#include "storage/database.h"

// "The Virtual Table Mechanism Of SQLite"; an eponymous table-valued function, as carray is, which
// Debian's SQLite does not have.
namespace matricula::storage::sqlite {
namespace {

// The second column is hidden: it is the argument of the function.
enum Column : int { kValue = 0, kList = 1 };
// Plans: with the list, and without one, which is empty.
enum Plan : int { kNoList = 0, kOfList = 1 };

struct Cursor final : sqlite3_vtab_cursor {
  Cursor() : sqlite3_vtab_cursor{} {}
  std::span<const Value> values;
  std::size_t row = 0;
};

Cursor& as_cursor(sqlite3_vtab_cursor* cursor) {
  return *static_cast<Cursor*>(cursor);
}

int connect(sqlite3* connection, void* /*data*/, int /*count*/, const char* const* /*arguments*/,
            sqlite3_vtab** out, char** /*message*/) {
  const int code = sqlite3_declare_vtab(connection, "CREATE TABLE x(value, list HIDDEN)");
  if (code != SQLITE_OK) {
    return code;
  }
  std::unique_ptr<sqlite3_vtab> table(new (std::nothrow) sqlite3_vtab{});
  if (table == nullptr) {
    return SQLITE_NOMEM;
  }
  *out = table.release();
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* /*table*/, sqlite3_index_info* info) {
  info->idxNum = kNoList;
  info->estimatedCost = 1;
  info->estimatedRows = 25;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kList || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) {
      continue;
    }
    if (constraint.usable == 0) {
      return SQLITE_CONSTRAINT;
    }
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    info->idxNum = kOfList;
  }
  return SQLITE_OK;
}

int open(sqlite3_vtab* /*table*/, sqlite3_vtab_cursor** out) {
  auto* const cursor = new (std::nothrow) Cursor();
  *out = cursor;
  return cursor == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* raw, int plan, const char* /*name*/, int count,
           sqlite3_value** arguments) {
  Cursor& cursor = as_cursor(raw);
  cursor.row = 0;
  cursor.values = {};
  if (plan == kOfList && count == 1) {
    if (const void* const list = sqlite3_value_pointer(arguments[0], kValueListType)) {
      cursor.values = static_cast<const ValueList*>(list)->values;
    }
  }
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  ++as_cursor(cursor).row;
  return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* cursor) {
  return as_cursor(cursor).row >= as_cursor(cursor).values.size() ? 1 : 0;
}

// The values outlive the statement's run, so none is copied.
int column(sqlite3_vtab_cursor* raw, sqlite3_context* context, int column) {
  if (column != kValue) {
    sqlite3_result_null(context);
    return SQLITE_OK;
  }
  struct Giver {
    sqlite3_context* context;
    void operator()(std::monostate) const { sqlite3_result_null(context); }
    void operator()(std::int64_t number) const { sqlite3_result_int64(context, number); }
    void operator()(double number) const { sqlite3_result_double(context, number); }
    void operator()(std::string_view text) const {
      sqlite3_result_text64(context, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_STATIC, SQLITE_UTF8);
    }
    void operator()(Bytes bytes) const {
      if (bytes.empty()) {
        sqlite3_result_zeroblob(context, 0);
        return;
      }
      sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
  };
  const Cursor& cursor = as_cursor(raw);
  std::visit(Giver{context}, cursor.values[cursor.row]);
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(as_cursor(cursor).row);
  return SQLITE_OK;
}

sqlite3_module make_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = rowid;
  return module;
}

const sqlite3_module kModule = make_module();

}  // namespace

int add_value_list(sqlite3* connection) {
  return sqlite3_create_module(connection, "value_list", &kModule, nullptr);
}

}  // namespace matricula::storage::sqlite
