#include "readmodel/read_model.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/within_memory.h"
#include "storage/snapshot.h"

namespace matricula::readmodel {
namespace {

constexpr std::chrono::milliseconds kTick{1'000};
// How often the keeper checks whether a loader is done.
constexpr std::chrono::milliseconds kPoll{20};
// A company that was used within so many ticks is not evicted for another one.
constexpr std::uint64_t kKeptTicks = 10;
// Ticks before a company is tried again that took too much memory, or could not be read.
constexpr std::uint64_t kTooLargeTicks = 60;
constexpr std::uint64_t kFailedTicks = 5;
// With more changed rows than this number or this share of all rows, a company is loaded anew.
constexpr std::int64_t kChangesMin = 1'000;
constexpr std::int64_t kChangesShare = 3;

}  // namespace

ReadModel::ReadModel(storage::Database& database, std::span<const sql::Relation* const> relations,
                     std::uint64_t bytes_max)
    : database_(database),
      bytes_max_(bytes_max),
      loader_([this](const LoadJob& job, const std::atomic<bool>& is_cancelled) {
        return make_state(job, is_cancelled);
      }) {
  for (const sql::Relation* relation : relations) {
    std::optional<Layout> layout = Layout::of(*relation);
    if (layout && StoreRows::of(*layout, database.dialect())) {
      lists_.push_back(
          std::make_unique<const List>(*relation, *std::move(layout), database.dialect()));
    }
  }
  keeper_ = std::thread([this] { keep(); });
}

ReadModel::~ReadModel() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_all();
  keeper_.join();
}

std::optional<std::size_t> ReadModel::find(const sql::Relation& relation) const {
  const auto found =
      std::ranges::find_if(lists_, [&](const auto& list) { return &list->relation == &relation; });
  return found == lists_.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - lists_.begin()));
}

std::shared_ptr<CompanyList> ReadModel::company(std::size_t list, std::string_view company) {
  const std::lock_guard lock(companies_mutex_);
  std::shared_ptr<CompanyList>& found = companies_[{list, std::string(company)}];
  if (found == nullptr) {
    found = std::make_shared<CompanyList>();
    found->list = list;
    found->company = company;
  }
  return found;
}

void ReadModel::request_load(const std::shared_ptr<CompanyList>& list) {
  if (list->retry_at.load(std::memory_order_relaxed) > ticks() ||
      list->is_requested.load(std::memory_order_acquire)) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (list->is_requested.load(std::memory_order_relaxed)) {
      return;
    }
    requests_.push_back({.list = list, .since = ticks()});
    // After what may throw: the flag keeps the list out of the queue.
    list->is_requested.store(true, std::memory_order_release);
  }
  wake_.notify_one();
}

std::shared_ptr<ReaderCounts> ReadModel::new_counts() {
  const std::lock_guard lock(companies_mutex_);
  return counts_.emplace_back(std::make_shared<ReaderCounts>());
}

ReadModelStats ReadModel::stats() const {
  ReadModelStats stats{.loads = loads_.load(std::memory_order_relaxed),
                       .catch_ups = catch_ups_.load(std::memory_order_relaxed),
                       .evictions = evictions_.load(std::memory_order_relaxed),
                       .too_large = too_large_.load(std::memory_order_relaxed),
                       .failures = failures_.load(std::memory_order_relaxed)};
  {
    const std::lock_guard lock(companies_mutex_);
    std::set<std::string_view> companies;
    for (const auto& [key, list] : companies_) {
      const auto state = list->read().first;
      if (state != nullptr) {
        companies.insert(key.second);
        ++stats.lists;
        stats.rows += state->snapshot->size();
      }
      stats.bytes += list->bytes.load(std::memory_order_relaxed);
    }
    stats.companies = companies.size();
    for (const auto& counts : counts_) {
      stats.hits += counts->hits.load(std::memory_order_relaxed);
      stats.misses += counts->misses.load(std::memory_order_relaxed);
      stats.refreshes += counts->refreshes.load(std::memory_order_relaxed);
    }
  }
  const std::lock_guard lock(mutex_);
  stats.waiting = requests_.size();
  for (const LoadRequest& request : requests_) {
    stats.lag_seconds = std::max(stats.lag_seconds, ticks() - request.since);
  }
  return stats;
}

void ReadModel::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return requests_.empty(); });
}

// The keeper thread: gives jobs to the loader, publishes their results, and frees states that no
// request reads any more.
void ReadModel::keep() {
  auto next_tick = std::chrono::steady_clock::now() + kTick;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const bool is_busy = job_.list != nullptr;
      wake_.wait_until(lock, is_busy ? std::chrono::steady_clock::now() + kPoll : next_tick,
                       [&] { return is_ending_ || (!is_busy && !requests_.empty()); });
      if (is_ending_) {
        return;
      }
    }
    if (std::chrono::steady_clock::now() >= next_tick) {
      ticks_.fetch_add(1, std::memory_order_relaxed);
      next_tick += kTick;
    }
    std::erase_if(retired_, [](const auto& state) { return state.use_count() == 1; });
    // What did not find memory is done in a later turn.
    run_within_memory([this] {
      take_result();
      start_next();
    });
  }
}

void ReadModel::start_next() {
  if (job_.list != nullptr) {
    return;
  }
  std::shared_ptr<CompanyList> list;
  {
    const std::lock_guard lock(mutex_);
    if (requests_.empty()) {
      return;
    }
    list = requests_.front().list;
  }
  const std::uint64_t bytes = allowance(*list);
  job_ = {.list = std::move(list), .bytes_max = bytes};
  loader_.start(job_);
}

void ReadModel::take_result() {
  std::optional<Loader::State> result = loader_.take();
  if (!result) {
    return;
  }
  const std::shared_ptr<CompanyList> list = std::move(job_.list);
  if (*result) {
    retire(list->publish(std::move(**result)));
    make_room(*list);
  } else {
    postpone(*list, result->error().code);
  }
  list->is_requested.store(false, std::memory_order_release);
  {
    const std::lock_guard lock(mutex_);
    requests_.erase(requests_.begin());
  }
  idle_.notify_all();
}

// Sets when a list that could not be loaded is tried again. Until then requests read the tables; a
// state that is out of date would only take the room of other companies.
void ReadModel::postpone(CompanyList& list, ErrorCode error) {
  const bool is_too_large = error == ErrorCode::kLimitExceeded;
  if (is_too_large) {
    retire(list.publish(nullptr));
    too_large_.fetch_add(1, std::memory_order_relaxed);
  } else if (error != ErrorCode::kNotFound) {  // the company may be gone by now
    failures_.fetch_add(1, std::memory_order_relaxed);
  }
  list.retry_at.store(ticks() + (is_too_large ? kTooLargeTicks : kFailedTicks),
                      std::memory_order_relaxed);
}

// The keeper frees states, since that takes too long for a request.
void ReadModel::retire(std::shared_ptr<const PublishedState> state) {
  if (state != nullptr) {
    retired_.push_back(std::move(state));
  }
}

// The memory that the list may take: all but that of other companies in use.
std::uint64_t ReadModel::allowance(const CompanyList& list) {
  std::uint64_t kept = 0;
  const std::lock_guard lock(companies_mutex_);
  for (const auto& [key, other] : companies_) {
    if (other.get() != &list &&
        other->used_at.load(std::memory_order_relaxed) + kKeptTicks >= ticks()) {
      kept += other->bytes.load(std::memory_order_relaxed);
    }
  }
  return kept >= bytes_max_ ? 0 : bytes_max_ - kept;
}

// Evicts the least recently used lists until the rest fits.
void ReadModel::make_room(const CompanyList& newest) {
  const std::lock_guard lock(companies_mutex_);
  std::uint64_t total = 0;
  std::vector<CompanyList*> others;
  for (const auto& [key, list] : companies_) {
    const std::uint64_t bytes = list->bytes.load(std::memory_order_relaxed);
    total += bytes;
    if (list.get() != &newest && bytes > 0) {
      others.push_back(list.get());
    }
  }
  std::ranges::sort(others, {}, [](const CompanyList* list) { return list->used_at.load(); });
  for (CompanyList* const list : others) {
    if (total <= bytes_max_) {
      return;
    }
    total -= list->bytes.load(std::memory_order_relaxed);
    retire(list->publish(nullptr));
    evictions_.fetch_add(1, std::memory_order_relaxed);
  }
}

// On the loader's thread. Rows are sorted after the snapshot has ended, since it holds checkpoints
// up.
Loader::State ReadModel::make_state(const LoadJob& job, const std::atomic<bool>& is_cancelled) {
  MATRICULA_TRY(const auto session, database_.open_reader());
  session->set_tenant(job.list->company);
  MATRICULA_TRY(storage::SnapshotHandle snapshot, storage::begin_snapshot(*session));
  MATRICULA_TRY(auto read, this->read(*session, job, is_cancelled));
  snapshot.reset();
  auto published = std::make_shared<PublishedState>();
  const bool is_load = std::holds_alternative<StoreRows::ReadRows>(read);
  if (auto* const rows = std::get_if<StoreRows::ReadRows>(&read)) {
    MATRICULA_TRY(static_cast<StoredState&>(*published), StoreRows::finish(std::move(*rows)));
  } else {
    static_cast<StoredState&>(*published) = std::get<StoredState>(std::move(read));
  }
  if (published->snapshot->bytes() > job.bytes_max) {
    return fail(ErrorCode::kLimitExceeded, "The company's list takes too much memory.");
  }
  (is_load ? loads_ : catch_ups_).fetch_add(1, std::memory_order_relaxed);
  return published;
}

Result<ReadModel::Read> ReadModel::read(storage::Session& session, const LoadJob& job,
                                        const std::atomic<bool>& is_cancelled) const {
  const StoreRows& rows = rows_of(job.list->list);
  const StoreRows::Company company{
      .session = session, .id = job.list->company, .is_cancelled = &is_cancelled};
  if (const auto state = job.list->read().first;
      state != nullptr && !state->snapshot->is_fragmented()) {
    const std::int64_t changes = std::max(kChangesMin, state->snapshot->size() / kChangesShare);
    MATRICULA_TRY(auto next, rows.refresh(company, *state, changes));
    if (next) {
      return *std::move(next);
    }
  }
  MATRICULA_TRY(auto all, rows.read(company, job.bytes_max));
  if (!all) {
    return fail(ErrorCode::kNotFound, "There is no such company.");
  }
  return *std::move(all);
}

}  // namespace matricula::readmodel
