#include "auth/limits/confirmation.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "auth/limits/window_sql.h"
#include "base/assert.h"

namespace matricula::auth {
namespace {

constexpr std::string_view kGenerationText = "SELECT {}";

// Like admit_request() of the schema, for many identities. Rows are locked in the order of
// identities, so that two concurrent batches cannot deadlock. {0} is the generation, {1} the bytes
// of an identity, {2} kAddToWindow.
constexpr std::string_view kCountText =
    "WITH state AS (SELECT {0} AS generation,"
    " limit_time(?6) AS now),"
    " counted AS (INSERT INTO request_windows AS w (identity, times, ends_at, most)"
    " SELECT substring(CAST(?2 AS BYTEA) FROM {1} * (asked.place::INTEGER - 1) + 1 FOR {1}),"
    "  array_fill(state.now, ARRAY[asked.wish]), state.now + ?5, asked.most"
    " FROM state, unnest(CAST(CAST(?3 AS TEXT) AS BIGINT[]), CAST(CAST(?4 AS TEXT) AS INTEGER[]))"
    "  WITH ORDINALITY AS asked(most, wish, place)"
    " WHERE state.generation = ?1 AND asked.wish <= asked.most{2}"
    " RETURNING w.identity, cardinality(w.times)::BIGINT AS made)"
    " SELECT state.generation, counted.identity, counted.made FROM state"
    " LEFT JOIN counted ON true";

constexpr std::size_t kDigestBytes = sizeof(ratelimit::Identity::digest);

Result<void> not_confirmed() {
  return fail(ErrorCode::kUnavailable, "the cached caller is not confirmed");
}

}  // namespace

ConfirmationBatch::Texts::Texts(const storage::Database& database, std::chrono::microseconds window,
                                const LimitClock& time)
    : generation_(fmt::format(kGenerationText, database.generation_sql())),
      count_(fmt::format(kCountText, database.generation_sql(), kDigestBytes, kAddToWindow)),
      window_us_(window.count()),
      time_(time) {}

void ConfirmationBatch::add(Confirmation& confirmation) {
  MATRICULA_ASSERT(!guard_);
  all_.push_back(&confirmation);
  generation_ = std::max(generation_, confirmation.claim_.generation);
}

// The confirmations that are to be counted, grouped by identity. A claim of an older generation
// than the newest one claimed cannot be current, and is left out.
std::vector<ConfirmationBatch::Group> ConfirmationBatch::groups() {
  const auto first = std::partition(all_.begin(), all_.end(), [this](const Confirmation* each) {
    return each->claim_.limit == 0 || each->claim_.generation != generation_;
  });
  std::ranges::stable_sort(first, all_.end(), {},
                           [](const Confirmation* each) { return each->claim_.identity.digest; });
  std::vector<Group> groups;
  for (auto begin = first; begin != all_.end();) {
    const auto end = std::find_if(begin, all_.end(), [&](const Confirmation* each) {
      return each->claim_.identity != (*begin)->claim_.identity;
    });
    groups.emplace_back(begin, end);
    begin = end;
  }
  return groups;
}

const storage::GuardStatement& ConfirmationBatch::guard() {
  MATRICULA_ASSERT(!all_.empty() && !guard_);
  counted_ = groups();
  for (const Group& group : counted_) {
    identities_ += storage::as_text(digest_of(*group.front()));
    const char separator = limits_.empty() ? '{' : ',';
    fmt::format_to(std::back_inserter(limits_), "{}{}", separator, limit_of(group));
    fmt::format_to(std::back_inserter(counts_), "{}{}", separator, group.size());
  }
  if (!counted_.empty()) {
    limits_ += '}';
    counts_ += '}';
    binds_ = {static_cast<std::int64_t>(generation_),
              std::as_bytes(std::span(identities_)),
              std::string_view(limits_),
              std::string_view(counts_),
              std::int64_t{texts_.window_us_},
              texts_.time_.bind()};
  }
  return guard_.emplace(
      storage::GuardStatement{.statement = counted_.empty() ? texts_.generation_ : texts_.count_,
                              .binds = binds_,
                              .check = [this](storage::Rows& rows) { return check(rows); }});
}

Result<void> ConfirmationBatch::check(storage::Rows& rows) {
  for (Confirmation* const each : all_) {
    each->state_ = Confirmation::State::kDenied;
  }
  MATRICULA_TRY(bool more, rows.next());
  if (!more || static_cast<std::uint64_t>(rows.integer(0)) != generation_) {
    return not_confirmed();
  }
  for (Confirmation* const each : all_) {
    if (each->claim_.limit == 0 && each->claim_.generation == generation_) {
      confirm(*each, 0);
    }
  }
  while (more && !counted_.empty() && !rows.is_null(1)) {
    const auto group = std::ranges::find_if(counted_, [&](const Group& each) {
      return std::ranges::equal(digest_of(*each.front()), rows.bytes(1));
    });
    MATRICULA_ASSERT(group != counted_.end());
    // Each gets the count after its own request, as if the requests had come in sequence.
    std::int64_t made = rows.integer(2) - std::ssize(*group);
    for (Confirmation* const each : *group) {
      confirm(*each, ++made);
    }
    MATRICULA_TRY(more, rows.next());
  }
  const bool any = std::ranges::any_of(all_, [](const Confirmation* each) {
    return each->state_ == Confirmation::State::kConfirmed;
  });
  return any ? Result<void>() : not_confirmed();
}

// The tokens of one credential may have different limits: what is within the least is within each.
std::uint32_t ConfirmationBatch::limit_of(Group group) {
  return std::ranges::min(group, {}, [](const Confirmation* each) { return each->claim_.limit; })
      ->claim_.limit;
}

// `made`: how many requests of the identity are in the window, this one included.
void ConfirmationBatch::confirm(Confirmation& confirmation, std::int64_t made) {
  MATRICULA_ASSERT(made <= confirmation.claim_.limit);
  confirmation.state_ = Confirmation::State::kConfirmed;
  confirmation.decision_.remaining = confirmation.claim_.limit - static_cast<std::uint32_t>(made);
}

storage::Bytes ConfirmationBatch::digest_of(const Confirmation& confirmation) {
  return std::as_bytes(std::span(confirmation.claim_.identity.digest));
}

}  // namespace matricula::auth
