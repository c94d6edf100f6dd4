#include "storage/postgres/settings.h"

#include <fmt/format.h>
#include <iterator>

namespace matricula::storage::postgres {
namespace {

struct Setting {
  std::string_view name;
  std::string_view value;
  int since = 0;  // the first version that has it
};

// PostgreSQL's manual, chapter 20, "Server Configuration".
constexpr Setting kSettings[] = {
    // How a transaction reads, where its BEGIN does not say.
    {"default_transaction_isolation", "read committed"},
    {"default_transaction_deferrable", "off"},
    // Row-level security, and no company until a transaction names one.
    {"row_security", "on"},
    {"matricula.company", ""},
    // How values are written and read as text, and what text means.
    {"client_encoding", "UTF8"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"TimeZone", "UTC"},
    {"bytea_output", "hex"},
    {"extra_float_digits", "1"},
    {"standard_conforming_strings", "on"},
    {"transform_null_equals", "off"},
    {"array_nulls", "on"},
    // Each statement brings its own time limit.
    {"statement_timeout", "0"},
    {"lock_timeout", "0"},
    {"idle_in_transaction_session_timeout", "60000"},
    {"idle_session_timeout", "0", 14'00'00},
    {"transaction_timeout", "0", 17'00'00},
    // Statements are planned once, for indexes.
    {"plan_cache_mode", "force_generic_plan"},
    {"jit", "off"},
    {"enable_seqscan", "on"},
    {"enable_indexscan", "on"},
    {"enable_indexonlyscan", "on"},
    {"enable_bitmapscan", "on"},
    {"enable_nestloop", "on"},
    {"enable_sort", "on"},
    {"enable_hashagg", "on"},
    {"enable_material", "on"},
};
// For pages: nested loops over an index. Hashing or sorting a whole company for fifty rows would
// make a page cost more the larger the company is.
constexpr Setting kPageSettings[] = {
    {"enable_hashjoin", "off"},
    {"enable_mergejoin", "off"},
    {"max_parallel_workers_per_gather", "0"},
};
constexpr Setting kWholeSettings[] = {
    {"enable_hashjoin", "on"},
    {"enable_mergejoin", "on"},
    {"max_parallel_workers_per_gather", "2"},
};

// Acknowledged writes survive a crash, and the loss of the primary where there is a synchronous
// standby. A stricter setting of the server is left as it is.
constexpr std::string_view kDurable =
    "CASE WHEN pg_catalog.current_setting('synchronous_commit') IN ('on', 'remote_apply') "
    "THEN pg_catalog.current_setting('synchronous_commit') ELSE 'on' END";

constexpr std::string_view kWatchClients =
    "SELECT pg_catalog.set_config('client_connection_check_interval', '2000', false)";

}  // namespace

// The schema that has the store's tables, else the one in which they are made. Besides it, the one
// that has the extension whose operators the migrations name. Temporary tables come last: no other
// client of a pooler can put one in front of ours. It runs before anything is set: under a time
// limit of the role's it would be cancelled, and compiled where the planner has to avoid a sort.
const std::string kReadServer =
    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL jit = off; "
    "SELECT pg_catalog.concat_ws('|', pg_catalog.pg_backend_pid(), "
    "pg_catalog.pg_is_in_recovery(), "
    "pg_catalog.current_setting('session_replication_role') = 'replica', "
    "pg_catalog.quote_literal(pg_catalog.concat_ws(', ', coalesce("
    "(SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relname = 'schema_migrations' AND c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' "
    // Other programs have tables of this name, but no such column.
    "AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = "
    "'applied_at') "
    "ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname <> 'public', n.nspname "
    "LIMIT 1), "
    "pg_catalog.quote_ident(nullif(pg_catalog.current_schema(), 'pg_catalog')), 'public'), "
    "(SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e "
    "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'), "
    "'pg_temp'))); COMMIT";

std::string settings_list(Access access, Scope scope, int version, std::string_view search_path) {
  const std::string_view is_local = scope == Scope::kTransaction ? "true" : "false";
  std::string list =
      fmt::format("pg_catalog.set_config('search_path', {}, {})", search_path, is_local);
  const auto out = std::back_inserter(list);
  const auto add = [&](const auto& settings) {
    for (const Setting& setting : settings) {
      if (version >= setting.since) {
        fmt::format_to(out, ", pg_catalog.set_config('{}', '{}', {})", setting.name, setting.value,
                       is_local);
      }
    }
  };
  add(kSettings);
  if (access == Access::kWrite) {
    add(kWholeSettings);
  } else {
    add(kPageSettings);
  }
  if (scope == Scope::kSession) {
    fmt::format_to(out, ", pg_catalog.set_config('default_transaction_read_only', '{}', false)",
                   access == Access::kRead ? "on" : "off");
  }
  fmt::format_to(out, ", pg_catalog.set_config('synchronous_commit', {}, {})", kDurable, is_local);
  return list;
}

std::string_view watch_clients_text(int version) {
  return version >= 14'00'00 ? kWatchClients : std::string_view();
}

}  // namespace matricula::storage::postgres
