#include "readmodel/held_state.h"

#include <algorithm>
#include <utility>

#include "storage/count_cache.h"
#include "storage/limits.h"

namespace matricula::readmodel {
namespace {

// Guards that are cached for one state.
constexpr std::size_t kGuardsMax = 1'000;
// Counts of searches, likewise.
constexpr std::size_t kCountsMax = 1'000;

bool searches(const storage::ListScope& scope) {
  return std::ranges::any_of(scope.conditions, [&](const storage::Condition& condition) {
    return scope.relation->filters[condition.filter].kind == sql::FilterKind::kSearch;
  });
}

}  // namespace

void HeldState::hold(std::shared_ptr<const PublishedState> state, Findings& findings) {
  release();
  if (findings.sequence != state->sequence || findings.epoch != state->epoch) {
    findings.passed.clear();
    findings.counts.clear();
    findings.sequence = state->sequence;
    findings.epoch = state->epoch;
  }
  state_ = std::move(state);
  findings_ = &findings;
}

void HeldState::release() {
  state_.reset();
  findings_ = nullptr;
  is_selected_ = false;
}

Result<void> HeldState::check_time() const {
  if (selector_.is_late()) {
    return fail(ErrorCode::kTimeout, "The request took longer than its limit.");
  }
  return {};
}

// Prepares the conditions once for each request: all reads of a list have the same scope.
void HeldState::select(const storage::ListScope& scope) {
  if (!is_selected_) {
    selector_.begin(*state_->snapshot, scope);
    is_selected_ = true;
  }
}

Result<storage::RowsHandle> HeldState::page(const storage::PageQuery& query) {
  select(query.scope);
  rows_.start(*state_->snapshot, query.columns, query.order);
  selector_.page(query, rows_.rows());
  MATRICULA_CHECK(check_time());
  return storage::RowsHandle(&rows_);
}

Result<std::int64_t> HeldState::count(const storage::ListScope& scope) {
  if (!searches(scope)) {
    return count_rows(scope);
  }
  auto& counts = findings_->counts;
  storage::make_count_key(scope, count_key_);
  if (const auto found = counts.find(count_key_); found != counts.end()) {
    return found->second;
  }
  MATRICULA_TRY(const std::int64_t total, count_rows(scope));
  if (count_key_.size() <= storage::kCountKeyBytesMax) {
    if (counts.size() >= kCountsMax) {
      counts.clear();
    }
    counts.emplace(count_key_, total);
  }
  return total;
}

Result<std::int64_t> HeldState::count_rows(const storage::ListScope& scope) {
  select(scope);
  const std::int64_t total = selector_.count();
  MATRICULA_CHECK(check_time());
  return total;
}

Result<bool> HeldState::exists_beyond(const storage::BoundQuery& query) {
  select(query.scope);
  const bool exists = selector_.exists_beyond(query);
  MATRICULA_CHECK(check_time());
  return exists;
}

std::string_view HeldState::guard_key(std::string_view text, std::string_view value) {
  guard_key_.assign(text);
  guard_key_ += '\0';
  guard_key_ += value;
  return guard_key_;
}

bool HeldState::passes_guard(std::string_view text, std::string_view value) {
  return findings_->passed.contains(guard_key(text, value));
}

void HeldState::note_guard(std::string_view text, std::string_view value) {
  if (findings_->passed.size() >= kGuardsMax) {
    findings_->passed.clear();
  }
  findings_->passed.emplace(guard_key(text, value));
}

}  // namespace matricula::readmodel
