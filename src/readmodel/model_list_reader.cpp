#include "readmodel/model_list_reader.h"

#include <algorithm>

#include "records/change_reader.h"
#include "storage/count_cache.h"
#include "storage/limits.h"
#include "storage/snapshot.h"

namespace matricula::readmodel {
namespace {

// Up to so many changed rows, a request refreshes the state by itself before it answers.
constexpr std::int64_t kChangesMax = 32;
// Lists of companies in the reader's own map; past it the map is cleared.
constexpr std::size_t kEntriesMax = 10'000;
// Guards that a reader caches of one state.
constexpr std::size_t kGuardsMax = 1'000;
// Counts of searches, likewise.
constexpr std::size_t kCountsMax = 1'000;

void add_one(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

bool searches(const storage::ListScope& scope) {
  return std::ranges::any_of(scope.conditions, [&](const storage::Condition& condition) {
    return scope.relation->filters[condition.filter].kind == sql::FilterKind::kSearch;
  });
}

// Ends the refresh of a list by a request, also where memory runs out.
class RefreshEnd {
 public:
  explicit RefreshEnd(CompanyList& list) : list_(list) {}
  ~RefreshEnd() { list_.is_refreshed.store(false, std::memory_order_release); }
  RefreshEnd(const RefreshEnd&) = delete;
  RefreshEnd& operator=(const RefreshEnd&) = delete;

 private:
  CompanyList& list_;
};

// Whether the state is the one that the company's sequence is at.
bool is_at(const PublishedState& state, const records::SequenceState& sequence) {
  return sequence.last == state.sequence && sequence.epoch == state.epoch;
}

}  // namespace

ModelListReader::ModelListReader(std::unique_ptr<storage::ListReader> inner,
                                 storage::Session& session, ReadModel& model, const Clock& clock)
    : inner_(std::move(inner)),
      session_(session),
      model_(model),
      clock_(clock),
      counts_(model.new_counts()) {}

void ModelListReader::release() {
  held_.reset();
  held_relation_ = nullptr;
  is_selected_ = false;
}

void ModelListReader::begin(std::chrono::nanoseconds deadline) {
  release();
  selector_.set_deadline(clock_, deadline);
  inner_->begin(deadline);
}

ModelListReader::Entry& ModelListReader::entry_of(std::size_t list, std::string_view company) {
  if (entries_.size() <= list) {
    entries_.resize(list + 1);
  }
  auto& companies = entries_[list];
  if (const auto found = companies.find(company); found != companies.end()) {
    return found->second;
  }
  if (companies.size() >= kEntriesMax) {
    companies.clear();
  }
  Entry made{.list = model_.company(list, company), .state = {}};
  return companies.emplace(company, std::move(made)).first->second;
}

// Takes a lock only where another state was published since the last call.
ModelListReader::State ModelListReader::newest(Entry& entry) {
  if (entry.version == entry.list->version.load(std::memory_order_acquire)) {
    if (State state = entry.state.lock()) {
      return state;
    }
  }
  auto [state, version] = entry.list->read();
  entry.state = state;
  entry.version = version;
  return state;
}

// Whether the generation of the store, which is in memory, shows that nothing was written since.
bool ModelListReader::is_newest(const PublishedState& state) const {
  if (model_.database().is_shared()) {
    return false;
  }
  const std::uint64_t now = model_.database().generation();
  return now % 2 == 0 && state.generation.load(std::memory_order_acquire) == now;
}

bool ModelListReader::is_ready(const sql::Relation& relation, std::string_view company) {
  const auto list = model_.find(relation);
  if (!list) {
    return false;
  }
  Entry& of = entry_of(*list, company);
  const State state = newest(of);
  if (state == nullptr || model_.database().is_shared()) {
    return state != nullptr;
  }
  if (is_newest(*state)) {
    return true;
  }
  const std::uint64_t before = model_.database().generation();
  const auto sequence = records::read_sequence(session_, company);
  const bool is_same = sequence && *sequence && is_at(*state, **sequence);
  if (is_same && before % 2 == 0 && before == model_.database().generation()) {
    state->generation.store(before, std::memory_order_release);
  }
  return is_same;
}

Result<bool> ModelListReader::hold(const sql::Relation& relation, std::string_view company,
                                   bool in_snapshot) {
  release();
  const auto list = model_.find(relation);
  if (!list) {
    return false;
  }
  Entry& of = entry_of(*list, company);
  State state = newest(of);
  if (state != nullptr && (in_snapshot || !is_newest(*state))) {
    MATRICULA_TRY(state, checked(of, std::move(state), in_snapshot));
  } else if (state == nullptr) {
    model_.request_load(of.list);
  }
  note_use(of);
  if (state == nullptr) {
    add_one(counts_->misses);
    return false;
  }
  take(std::move(state), relation, company);
  return true;
}

// Called also where tables answer: the company is in use.
void ModelListReader::note_use(Entry& entry) {
  if (entry.list->used_at.load(std::memory_order_relaxed) != model_.ticks()) {
    entry.list->used_at.store(model_.ticks(), std::memory_order_relaxed);
  }
}

void ModelListReader::take(State state, const sql::Relation& relation, std::string_view company) {
  add_one(counts_->hits);
  held_ = std::move(state);
  held_relation_ = &relation;
  held_company_ = company;
}

std::optional<storage::UnsentStatement> ModelListReader::hold_statement(
    const sql::Relation& relation, std::string_view company) {
  const auto list = model_.find(relation);
  if (!list) {
    return std::nullopt;
  }
  Entry& of = entry_of(*list, company);
  note_use(of);
  const State state = newest(of);
  if (state == nullptr) {
    model_.request_load(of.list);
    add_one(counts_->misses);
    return std::nullopt;
  }
  if (is_newest(*state)) {
    return std::nullopt;
  }
  company_bind_ = company;
  return storage::UnsentStatement{.statement = records::sequence_statement(session_.dialect()),
                                  .binds = {&company_bind_, 1}};
}

Result<bool> ModelListReader::hold_by(storage::Rows& rows, const sql::Relation& relation,
                                      std::string_view company) {
  release();
  MATRICULA_TRY(const auto sequence, records::read_sequence(rows));
  const auto list = model_.find(relation);
  State state = list ? newest(entry_of(*list, company)) : nullptr;
  if (state == nullptr || !sequence || !is_at(*state, *sequence)) {
    return false;
  }
  take(std::move(state), relation, company);
  return true;
}

// The state in memory, if it is the one that the session sees in the store; else null.
Result<ModelListReader::State> ModelListReader::checked(Entry& entry, State state,
                                                        bool in_snapshot) {
  const storage::Database& database = model_.database();
  const std::uint64_t before = database.generation();
  MATRICULA_TRY(const auto sequence, records::read_sequence(session_, entry.list->company));
  if (!sequence) {
    return State();
  }
  if (sequence->epoch != state->epoch || sequence->oldest > state->sequence) {
    model_.request_load(entry.list);
    return State();
  }
  if (sequence->last == state->sequence) {
    if (!in_snapshot && !database.is_shared() && before % 2 == 0 &&
        before == database.generation()) {
      state->generation.store(before, std::memory_order_release);
    }
    return state;
  }
  // A snapshot that began before the state was made is answered from tables.
  return sequence->last < state->sequence ? Result<State>(State())
                                          : refreshed(entry, state, in_snapshot);
}

// One reader at a time makes the next state; tables answer the others meanwhile.
Result<ModelListReader::State> ModelListReader::refreshed(Entry& entry, const State& state,
                                                          bool in_snapshot) {
  if (entry.list->is_requested.load(std::memory_order_acquire) ||
      entry.list->is_refreshed.exchange(true, std::memory_order_acq_rel)) {
    return State();
  }
  const RefreshEnd end(*entry.list);
  storage::SnapshotHandle snapshot;
  if (!in_snapshot) {
    MATRICULA_TRY(snapshot, storage::begin_snapshot(session_));
  }
  MATRICULA_TRY(State made, refresh_in_snapshot(entry, state));
  if (made != nullptr) {
    entry.list->publish(made);
    add_one(counts_->refreshes);
  }
  if (made == nullptr || made->snapshot->is_fragmented()) {
    model_.request_load(entry.list);
  }
  return made;
}

Result<ModelListReader::State> ModelListReader::refresh_in_snapshot(const Entry& entry,
                                                                    const State& state) {
  MATRICULA_TRY(auto next, model_.rows_of(entry.list->list)
                               .refresh({.session = session_, .id = entry.list->company}, *state,
                                        kChangesMax));
  if (!next) {
    return State();
  }
  auto published = std::make_shared<PublishedState>();
  static_cast<StoredState&>(*published) = *std::move(next);
  return State(std::move(published));
}

// Null where nothing is held.
ModelListReader::Findings* ModelListReader::findings_of_held() {
  if (held_ == nullptr) {
    return nullptr;
  }
  Findings& findings = entry_of(*model_.find(*held_relation_), held_company_).findings;
  if (findings.sequence != held_->sequence || findings.epoch != held_->epoch) {
    findings.passed.clear();
    findings.counts.clear();
    findings.sequence = held_->sequence;
    findings.epoch = held_->epoch;
  }
  return &findings;
}

std::string_view ModelListReader::guard_key(std::string_view text, std::string_view value) {
  guard_key_.assign(text);
  guard_key_ += '\0';
  guard_key_ += value;
  return guard_key_;
}

bool ModelListReader::passes_guard(std::string_view text, std::string_view value) {
  const Findings* const findings = findings_of_held();
  return findings != nullptr && findings->passed.contains(guard_key(text, value));
}

void ModelListReader::note_guard(std::string_view text, std::string_view value) {
  Findings* const findings = findings_of_held();
  if (findings == nullptr) {
    return;
  }
  if (findings->passed.size() >= kGuardsMax) {
    findings->passed.clear();
  }
  findings->passed.emplace(guard_key(text, value));
}

Result<void> ModelListReader::check_time() const {
  if (selector_.is_late()) {
    return fail(ErrorCode::kTimeout, "The request took longer than its limit.");
  }
  return {};
}

// Prepares the conditions once for each request: all reads of a list have the same scope.
void ModelListReader::select(const storage::ListScope& scope) {
  if (!is_selected_) {
    selector_.begin(*held_->snapshot, scope);
    is_selected_ = true;
  }
}

Result<std::optional<storage::RecordsVersion>> ModelListReader::version(std::string_view company) {
  MATRICULA_TRY(auto sequence, records::read_sequence(session_, company));
  if (!sequence) {
    return std::nullopt;
  }
  return storage::RecordsVersion{.sequence = sequence->last, .epoch = std::move(sequence->epoch)};
}

std::optional<storage::UnsentStatement> ModelListReader::page_statement(
    const storage::PageQuery& query) {
  const auto list = model_.find(*query.scope.relation);
  if (list && newest(entry_of(*list, query.scope.company)) != nullptr) {
    return std::nullopt;
  }
  return inner_->page_statement(query);
}

std::optional<storage::UnsentStatement> ModelListReader::count_statement(
    const storage::ListScope& scope) {
  const auto list = model_.find(*scope.relation);
  if (list && newest(entry_of(*list, scope.company)) != nullptr) {
    return std::nullopt;
  }
  return inner_->count_statement(scope);
}

bool ModelListReader::can_add(const storage::PageQuery& query) {
  return !is_held(query.scope) && inner_->can_add(query);
}

bool ModelListReader::is_short(const storage::PageQuery& query) {
  return inner_->is_short(query);
}

Result<storage::RowsHandle> ModelListReader::page(const storage::PageQuery& query) {
  if (!is_held(query.scope)) {
    return inner_->page(query);
  }
  select(query.scope);
  rows_.start(*held_->snapshot, query.columns, query.order);
  selector_.page(query, rows_.rows());
  MATRICULA_CHECK(check_time());
  return storage::RowsHandle(&rows_);
}

Result<std::int64_t> ModelListReader::count(const storage::ListScope& scope) {
  if (!is_held(scope)) {
    return inner_->count(scope);
  }
  if (!searches(scope)) {
    return count_held(scope);
  }
  auto& counts = findings_of_held()->counts;
  storage::make_count_key(scope, count_key_);
  if (const auto found = counts.find(count_key_); found != counts.end()) {
    return found->second;
  }
  MATRICULA_TRY(const std::int64_t total, count_held(scope));
  if (count_key_.size() <= storage::kCountKeyBytesMax) {
    if (counts.size() >= kCountsMax) {
      counts.clear();
    }
    counts.emplace(count_key_, total);
  }
  return total;
}

Result<std::int64_t> ModelListReader::count_held(const storage::ListScope& scope) {
  select(scope);
  const std::int64_t total = selector_.count();
  MATRICULA_CHECK(check_time());
  return total;
}

Result<bool> ModelListReader::exists_beyond(const storage::BoundQuery& query) {
  if (!is_held(query.scope)) {
    return inner_->exists_beyond(query);
  }
  select(query.scope);
  const bool exists = selector_.exists_beyond(query);
  MATRICULA_CHECK(check_time());
  return exists;
}

}  // namespace matricula::readmodel
