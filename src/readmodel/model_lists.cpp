#include "readmodel/model_lists.h"

#include <utility>

#include "records/change_reader.h"
#include "storage/snapshot.h"

namespace matricula::readmodel {
namespace {

// Up to so many changed rows, a request refreshes the state by itself before it answers.
constexpr std::int64_t kChangesMax = 32;
// Lists of companies in the reader's own map; past it the map is cleared.
constexpr std::size_t kEntriesMax = 10'000;

void add_one(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
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

ModelLists::ModelLists(storage::Session& session, ReadModel& model, const Clock& clock)
    : session_(session), model_(model), counts_(model.new_counts()), held_(clock) {}

void ModelLists::begin(std::chrono::nanoseconds deadline) {
  held_.release();
  held_.set_deadline(deadline);
}

ModelLists::Entry& ModelLists::entry_of(std::size_t list, std::string_view company) {
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
ModelLists::State ModelLists::newest(Entry& entry) {
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
bool ModelLists::is_newest(const PublishedState& state) const {
  if (model_.database().is_shared()) {
    return false;
  }
  const std::uint64_t now = model_.database().generation();
  return now % 2 == 0 && state.generation.load(std::memory_order_acquire) == now;
}

bool ModelLists::is_ready(const sql::Relation& relation, std::string_view company) {
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

Result<storage::HeldList*> ModelLists::hold(const sql::Relation& relation, std::string_view company,
                                            bool in_snapshot) {
  held_.release();
  const auto list = model_.find(relation);
  if (!list) {
    return nullptr;
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
    return nullptr;
  }
  return take(of, std::move(state));
}

// Called also where tables answer: the company is in use.
void ModelLists::note_use(Entry& entry) {
  if (entry.list->used_at.load(std::memory_order_relaxed) != model_.ticks()) {
    entry.list->used_at.store(model_.ticks(), std::memory_order_relaxed);
  }
}

storage::HeldList* ModelLists::take(Entry& entry, State state) {
  add_one(counts_->hits);
  held_.hold(std::move(state), entry.findings);
  return &held_;
}

std::optional<storage::UnsentStatement> ModelLists::hold_statement(const sql::Relation& relation,
                                                                   std::string_view company) {
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

Result<storage::HeldList*> ModelLists::hold_by(storage::Rows& rows, const sql::Relation& relation,
                                               std::string_view company) {
  held_.release();
  MATRICULA_TRY(const auto sequence, records::read_sequence(rows));
  const auto list = model_.find(relation);
  if (!list) {
    return nullptr;
  }
  Entry& of = entry_of(*list, company);
  State state = newest(of);
  if (state == nullptr || !sequence || !is_at(*state, *sequence)) {
    return nullptr;
  }
  return take(of, std::move(state));
}

// The state in memory, if it is the one that the session sees in the store; else null.
Result<ModelLists::State> ModelLists::checked(Entry& entry, State state, bool in_snapshot) {
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
Result<ModelLists::State> ModelLists::refreshed(Entry& entry, const State& state,
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

Result<ModelLists::State> ModelLists::refresh_in_snapshot(const Entry& entry, const State& state) {
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

Result<std::optional<storage::RecordsVersion>> ModelLists::version(std::string_view company) {
  MATRICULA_TRY(auto sequence, records::read_sequence(session_, company));
  if (!sequence) {
    return std::nullopt;
  }
  return storage::RecordsVersion{.sequence = sequence->last, .epoch = std::move(sequence->epoch)};
}

}  // namespace matricula::readmodel
