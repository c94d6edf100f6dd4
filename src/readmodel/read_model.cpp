#include "readmodel/read_model.h"

#include <algorithm>
#include <chrono>
#include <sched.h>

namespace matricula::readmodel {
namespace {

constexpr std::chrono::milliseconds kTick{1'000};
// How often the keeper looks whether the loader is done.
constexpr std::chrono::milliseconds kPoll{20};
// A company that was used within so many ticks does not leave for another one.
constexpr std::uint64_t kKeptTicks = 10;
// Ticks after which a company is tried again that took too much memory, or could not be read.
constexpr std::uint64_t kTooLargeTicks = 60;
constexpr std::uint64_t kFailedTicks = 5;
// Of more changed rows than these, or than this share of all, a company is loaded anew.
constexpr std::int64_t kChangesMin = 1'000;
constexpr std::int64_t kChangesShare = 3;

}  // namespace

std::pair<std::shared_ptr<const PublishedState>, std::uint64_t> CompanyList::read() {
  const std::lock_guard lock(mutex);
  return {state, version.load(std::memory_order_relaxed)};
}

std::shared_ptr<const PublishedState> CompanyList::publish(
    std::shared_ptr<const PublishedState> next) {
  const std::uint64_t next_bytes = next == nullptr ? 0 : next->snapshot->bytes();
  const std::lock_guard lock(mutex);
  if (next != nullptr && state != nullptr && state->epoch == next->epoch &&
      state->sequence > next->sequence && !state->snapshot->is_worn()) {
    return next;
  }
  bytes.store(next_bytes, std::memory_order_relaxed);
  std::swap(state, next);
  version.fetch_add(1, std::memory_order_release);
  return next;
}

ReadModel::ReadModel(storage::Database& database, std::span<const sql::Relation* const> relations,
                     std::uint64_t bytes_max)
    : database_(database), bytes_max_(bytes_max) {
  for (const sql::Relation* relation : relations) {
    std::optional<Layout> layout = Layout::of(*relation);
    if (layout && StoreRows::of(*layout, database.dialect())) {
      lists_.push_back(
          std::make_unique<const List>(*relation, *std::move(layout), database.dialect()));
    }
  }
  keeper_ = std::thread([this] { keep(); });
  loader_ = std::thread([this] { load(); });
}

ReadModel::~ReadModel() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_all();
  keeper_.join();
  {
    const std::lock_guard lock(job_mutex_);
    is_loader_ending_ = true;
  }
  job_ready_.notify_all();
  loader_.join();
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

void ReadModel::want(const std::shared_ptr<CompanyList>& list) {
  if (list->retry_at.load(std::memory_order_relaxed) > ticks() ||
      list->is_wanted.exchange(true, std::memory_order_acq_rel)) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    wanted_.push_back({.list = list, .since = ticks()});
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
                       .evictions = evictions_.load(std::memory_order_relaxed)};
  {
    const std::lock_guard lock(companies_mutex_);
    for (const auto& [key, list] : companies_) {
      const auto state = list->read().first;
      stats.companies += state == nullptr ? 0 : 1;
      stats.rows += state == nullptr ? 0 : state->snapshot->size();
      stats.bytes += list->bytes.load(std::memory_order_relaxed);
    }
    for (const auto& counts : counts_) {
      stats.hits += counts->hits.load(std::memory_order_relaxed);
      stats.misses += counts->misses.load(std::memory_order_relaxed);
      stats.refreshes += counts->refreshes.load(std::memory_order_relaxed);
    }
  }
  const std::lock_guard lock(mutex_);
  stats.waiting = wanted_.size();
  for (const Wanted& wanted : wanted_) {
    stats.lag_seconds = std::max(stats.lag_seconds, ticks() - wanted.since);
  }
  return stats;
}

void ReadModel::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return wanted_.empty(); });
}

// The keeper: hands jobs to the loader, publishes what comes of them, and frees what is not read
// any more.
void ReadModel::keep() {
  auto next_tick = std::chrono::steady_clock::now() + kTick;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, is_busy_ ? std::chrono::steady_clock::now() + kPoll : next_tick,
                       [this] { return is_ending_ || (!is_busy_ && !wanted_.empty()); });
      if (is_ending_) {
        return;
      }
    }
    if (std::chrono::steady_clock::now() >= next_tick) {
      ticks_.fetch_add(1, std::memory_order_relaxed);
      next_tick += kTick;
    }
    std::erase_if(retired_, [](const auto& state) { return state.use_count() == 1; });
    take_result();
    start_next();
  }
}

void ReadModel::start_next() {
  std::shared_ptr<CompanyList> list;
  {
    const std::lock_guard lock(mutex_);
    if (is_busy_ || wanted_.empty()) {
      return;
    }
    is_busy_ = true;
    list = wanted_.front().list;
  }
  const std::uint64_t bytes = allowance(*list);
  {
    const std::lock_guard lock(job_mutex_);
    job_ = Job{.list = std::move(list), .bytes_max = bytes};
  }
  job_ready_.notify_one();
}

void ReadModel::take_result() {
  std::optional<Result<std::shared_ptr<PublishedState>>> result;
  std::shared_ptr<CompanyList> list;
  {
    const std::lock_guard lock(job_mutex_);
    if (!result_) {
      return;
    }
    std::swap(result, result_);
    list = std::move(job_->list);
    job_.reset();
  }
  if (*result) {
    retire(list->publish(std::move(**result)));
    make_room(*list);
  } else {
    const bool is_too_large = result->error().code == ErrorCode::kLimitExceeded;
    list->retry_at.store(ticks() + (is_too_large ? kTooLargeTicks : kFailedTicks),
                         std::memory_order_relaxed);
  }
  list->is_wanted.store(false, std::memory_order_release);
  {
    const std::lock_guard lock(mutex_);
    is_busy_ = false;
    wanted_.erase(wanted_.begin());
  }
  idle_.notify_all();
}

// Requests are not to free what takes long.
void ReadModel::retire(std::shared_ptr<const PublishedState> state) {
  if (state != nullptr) {
    retired_.push_back(std::move(state));
  }
}

// What the list may take: all but what other companies keep that are in use.
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

// Those used longest ago leave until the rest fits.
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

// The loader: runs where nothing else wants to, and takes no lock that requests take.
void ReadModel::load() {
  const sched_param parameters{};
  static_cast<void>(sched_setscheduler(0, SCHED_IDLE, &parameters));
  std::unique_lock lock(job_mutex_);
  for (;;) {
    job_ready_.wait(lock, [this] { return is_loader_ending_ || (job_ && !result_); });
    if (is_loader_ending_) {
      return;
    }
    const Job job = *job_;
    lock.unlock();
    auto made = make_state(job);
    lock.lock();
    result_ = std::move(made);
  }
}

Result<std::shared_ptr<PublishedState>> ReadModel::make_state(const Job& job) {
  MATRICULA_TRY(const auto session, database_.open_reader());
  session->set_tenant(job.list->company);
  MATRICULA_CHECK(session->begin_snapshot());
  auto made = read_state(job, *session);
  session->end_snapshot();
  return made;
}

Result<std::shared_ptr<PublishedState>> ReadModel::read_state(const Job& job,
                                                              storage::Session& session) {
  const StoreRows& rows = rows_of(job.list->list);
  const StoreRows::Company company{.session = session, .id = job.list->company};
  auto published = std::make_shared<PublishedState>();
  if (const auto state = job.list->read().first; state != nullptr && !state->snapshot->is_worn()) {
    const std::int64_t changes = std::max(kChangesMin, state->snapshot->size() / kChangesShare);
    MATRICULA_TRY(auto next, rows.refresh(company, *state, changes));
    if (next) {
      catch_ups_.fetch_add(1, std::memory_order_relaxed);
      static_cast<StoredState&>(*published) = *std::move(next);
      return published;
    }
  }
  MATRICULA_TRY(auto loaded, rows.load(company, job.bytes_max));
  if (!loaded) {
    return fail(ErrorCode::kNotFound, "There is no such company.");
  }
  loads_.fetch_add(1, std::memory_order_relaxed);
  static_cast<StoredState&>(*published) = *std::move(loaded);
  return published;
}

}  // namespace matricula::readmodel
