#include "exchange/arrivals.h"

#include <fmt/format.h>

#include "exchange/record_sql.h"

namespace matricula::exchange {
namespace {

using records::Entity;

// The types are those of the entity's table. brings_time: whether the row brought its time.
std::string make_sql(const Entity& entity) {
  return fmt::format(
      "CREATE TEMPORARY TABLE arrivals ON COMMIT DROP AS SELECT {}, true AS brings_time FROM {} "
      "WITH NO DATA",
      stored_columns(entity), entity.name);
}

std::string settle_sql(const Entity& entity, bool brings_time) {
  return insert_or_replace_sql(entity, sql::Dialect::kPostgres,
                               fmt::format("SELECT {} FROM arrivals WHERE brings_time = {}",
                                           stored_columns(entity), brings_time),
                               brings_time ? "true" : "false");
}

}  // namespace

Arrivals::Arrivals(const Entity& entity)
    : columns_(stored_columns(entity) + ", brings_time"),
      make_(make_sql(entity)),
      clear_("TRUNCATE arrivals"),
      settle_with_time_(settle_sql(entity, true)),
      settle_without_time_(settle_sql(entity, false)) {}

Result<std::uint64_t> Arrivals::settle(storage::Session& session, storage::RowCopier& copier,
                                       std::span<const storage::Bind> rows) {
  MATRICULA_CHECK(session.execute(is_made_ ? clear_ : make_, {}));
  is_made_ = true;
  MATRICULA_CHECK(copier.copy_rows("arrivals", columns_, rows));
  MATRICULA_TRY(const std::int64_t with_time, session.execute(settle_with_time_, {}));
  MATRICULA_TRY(const std::int64_t without_time, session.execute(settle_without_time_, {}));
  return static_cast<std::uint64_t>(with_time + without_time);
}

}  // namespace matricula::exchange
