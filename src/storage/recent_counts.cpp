#include "storage/recent_counts.h"

#include <algorithm>

#include "sql/list_text.h"
#include "storage/limits.h"

namespace matricula::storage {
namespace {

// How long a cached histogram is used. A list can grow by some hundred thousand rows meanwhile; a
// page then takes the access path that suits the smaller list.
constexpr std::chrono::seconds kRecent{5};

std::uint16_t code_of(std::vector<std::string>& values, std::string_view value) {
  const auto found = std::ranges::find(values, value);
  if (found == values.end()) {
    values.emplace_back(value);
    return static_cast<std::uint16_t>(values.size() - 1);
  }
  return static_cast<std::uint16_t>(found - values.begin());
}

bool has(const Condition& condition, std::string_view value) {
  return std::ranges::any_of(condition.any_of, [&](const KeyValue& each) {
    const auto* const text = std::get_if<std::string>(&each);
    return text != nullptr && *text == value;
  });
}

}  // namespace

void RecentCounts::make_key(const ListScope& scope, const sql::Histogram& histogram) {
  const auto place = reinterpret_cast<std::uintptr_t>(&histogram);
  key_.assign(reinterpret_cast<const char*>(&place), sizeof place);
  key_ += scope.company;
  for (const KeyValue& value : scope.fixed) {
    key_ += '\0';
    key_ += std::get<std::string>(value);
  }
}

const RecentCounts::Kept* RecentCounts::recent() const {
  const auto found = kept_.find(key_);
  const bool is_recent =
      found != kept_.end() && clock_.monotonic() - found->second.read_at < kRecent;
  return is_recent ? &found->second : nullptr;
}

std::optional<std::int64_t> RecentCounts::find(const ListScope& scope,
                                               const sql::Histogram& histogram,
                                               std::span<const Condition> conditions) {
  make_key(scope, histogram);
  const Kept* const rows = recent();
  if (rows == nullptr || rows->is_large) {
    return std::nullopt;
  }
  const std::size_t filters = histogram.filters.size();
  std::int64_t total = 0;
  is_counted_.assign(rows->counts.size(), 1);
  for (const Condition& condition : conditions) {
    const std::string_view name = scope.relation->filters[condition.filter].name;
    const auto filter = static_cast<std::size_t>(std::ranges::find(histogram.filters, name) -
                                                 histogram.filters.begin());
    is_wanted_.clear();
    for (const std::string& value : rows->values[filter]) {
      is_wanted_.push_back(has(condition, value) ? 1 : 0);
    }
    for (std::size_t row = 0; row < rows->counts.size(); ++row) {
      is_counted_[row] = is_counted_[row] & is_wanted_[rows->codes[row * filters + filter]];
    }
  }
  for (std::size_t row = 0; row < rows->counts.size(); ++row) {
    total += is_counted_[row] != 0 ? rows->counts[row] : 0;
  }
  return total;
}

const Statement& RecentCounts::statement(const sql::Relation& relation,
                                         const sql::Histogram& histogram) {
  std::unique_ptr<Statement>& made = statements_[&histogram];
  if (made == nullptr) {
    made =
        std::make_unique<Statement>(sql::histogram_text(relation, histogram, session_.dialect()));
  }
  return *made;
}

Result<void> RecentCounts::read(const ListScope& scope, const sql::Histogram& histogram) {
  make_key(scope, histogram);
  if (recent() != nullptr) {
    return {};
  }
  MATRICULA_TRY(Kept kept,
                read_all(statement(*scope.relation, histogram), scope, histogram.filters.size()));
  if (kept_.size() >= kHistogramsMax) {
    kept_.clear();
  }
  kept_.insert_or_assign(key_, std::move(kept));
  return {};
}

Result<RecentCounts::Kept> RecentCounts::read_all(const Statement& text, const ListScope& scope,
                                                  std::size_t filters) {
  Kept kept{.read_at = clock_.monotonic()};
  kept.values.resize(filters);
  binds_.clear();
  binds_.emplace_back(scope.company);
  for (const KeyValue& value : scope.fixed) {
    binds_.emplace_back(std::string_view(std::get<std::string>(value)));
  }
  binds_.emplace_back(static_cast<std::int64_t>(kHistogramRowsMax + 1));
  MATRICULA_TRY(const RowsHandle rows, session_.query(text, binds_));
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      return kept;
    }
    if (kept.counts.size() == kHistogramRowsMax) {
      return Kept{.read_at = kept.read_at, .is_large = true};
    }
    for (std::size_t i = 0; i < filters; ++i) {
      kept.codes.push_back(code_of(kept.values[i], rows->text(static_cast<unsigned>(i))));
    }
    kept.counts.push_back(rows->integer(static_cast<unsigned>(filters)));
  }
}

}  // namespace matricula::storage
