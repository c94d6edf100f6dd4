#include "auth/confirmation.h"

#include <fmt/format.h>

namespace matricula::auth {
namespace {

constexpr std::string_view kGenerationText = "SELECT 0 WHERE {} = ?1";

// As admit_request() of the schema for the common case: the identity is known, and has room. Two
// that come at once wait for each other at the row, and the later one looks at what the earlier one
// left; its own time may then be the smaller, and counts as the other's.
constexpr std::string_view kCountText =
    "UPDATE request_windows AS w SET"
    " times = w.times[width_bucket(c.now - ?4, w.times) + 1 :]"
    "  || greatest(c.now, w.times[cardinality(w.times)]),"
    " ends_at = greatest(c.now, w.times[cardinality(w.times)]) + ?4"
    " FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT AS now OFFSET 0) AS c"
    " WHERE {} = ?1 AND w.identity = ?2"
    " AND cardinality(w.times) - width_bucket(c.now - ?4, w.times) < ?3"
    " RETURNING cardinality(w.times)::BIGINT";

}  // namespace

Confirmation::Texts::Texts(const storage::Database& database)
    : generation_(fmt::format(kGenerationText, database.generation_sql())),
      count_(fmt::format(kCountText, database.generation_sql())) {}

Confirmation::Confirmation(const Texts& texts, const Claim& claim)
    : identity_(claim.identity),
      decision_{.limit = claim.limit},
      binds_{static_cast<std::int64_t>(claim.generation),
             std::as_bytes(std::span(identity_.digest)), std::int64_t{claim.limit},
             std::int64_t{claim.window.count()}},
      preface_{.statement = claim.limit == 0 ? texts.generation_ : texts.count_,
               .binds = std::span(binds_).first(claim.limit == 0 ? 1 : binds_.size()),
               .judge = [this](storage::Rows& rows) { return judge(rows); }} {}

Result<void> Confirmation::judge(storage::Rows& rows) {
  MATRICULA_TRY(const bool any, rows.next());
  if (!any) {
    state_ = State::kDenied;
    return fail(ErrorCode::kUnavailable, "what is remembered of the caller is not confirmed");
  }
  state_ = State::kConfirmed;
  decision_.admitted = true;
  if (decision_.limit != 0) {
    decision_.remaining = decision_.limit - static_cast<std::uint32_t>(rows.integer(0));
  }
  return {};
}

}  // namespace matricula::auth
