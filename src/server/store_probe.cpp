#include "server/store_probe.h"

#include <mutex>
#include <utility>

#include "base/within_memory.h"

namespace matricula::server {
namespace {

// After an allocation failed.
constexpr std::chrono::milliseconds kPause{50};

}  // namespace

StoreProbe::Source StoreProbe::source_of(storage::Database& database) {
  const auto session = std::make_shared<std::unique_ptr<storage::Session>>();
  return {.health = [&database] { return database.health(); },
          .imports = [&database, session]() -> std::optional<std::vector<exchange::ImportTotals>> {
            if (*session == nullptr) {
              auto opened = database.open_reader();
              if (!opened) {
                return std::nullopt;
              }
              *session = std::move(*opened);
            }
            auto totals = exchange::read_import_totals(**session);
            return totals ? std::optional(std::move(*totals)) : std::nullopt;
          }};
}

StoreProbe::StoreProbe(Source source, const Clock& clock)
    : source_(std::move(source)), clock_(clock), thread_([this] { work(); }) {}

StoreProbe::~StoreProbe() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

// Under the lock.
bool StoreProbe::is_fresh(const Question& question) const {
  return question.answer && clock_.monotonic() - question.answered_at < kFresh;
}

void StoreProbe::ask_health(Use use) {
  std::unique_lock lock(mutex_);
  if (!is_fresh(health_)) {
    health_.waiting.push_back(std::move(use));
    lock.unlock();
    wake_.notify_all();
    return;
  }
  const std::shared_ptr<const StoreMetrics> answer = health_.answer;
  lock.unlock();
  use(*answer);
}

void StoreProbe::ask_all(Use use) {
  {
    const std::lock_guard lock(mutex_);
    all_.waiting.push_back(std::move(use));
  }
  wake_.notify_all();
}

void StoreProbe::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock,
               [this] { return ending_ || !health_.waiting.empty() || !all_.waiting.empty(); });
    const bool wants_health = !health_.waiting.empty();
    const bool wants_all = !all_.waiting.empty();
    if (ending_ && !wants_all && !wants_health) {
      return;
    }
    const bool is_known = !wants_health && is_fresh(all_);
    lock.unlock();
    const bool had_memory = run_within_memory([&] { is_known ? answer(all_) : look(wants_all); });
    lock.lock();
    if (!had_memory) {
      wake_.wait_for(lock, kPause, [this] { return ending_; });
    }
  }
}

void StoreProbe::look(bool wants_all) {
  StoreMetrics metrics{.health = source_.health()};
  settle(health_, metrics);
  if (wants_all) {
    metrics.imports = metrics.health.reachable ? source_.imports() : std::nullopt;
    settle(all_, std::move(metrics));
  }
}

void StoreProbe::settle(Question& question, StoreMetrics metrics) {
  auto made = std::make_shared<const StoreMetrics>(std::move(metrics));
  {
    const std::lock_guard lock(mutex_);
    question.answer = std::move(made);
    question.answered_at = clock_.monotonic();
  }
  answer(question);
}

// Passes the answer to all callers that wait.
void StoreProbe::answer(Question& question) {
  std::shared_ptr<const StoreMetrics> known;
  std::vector<Use> waiting;
  {
    const std::lock_guard lock(mutex_);
    known = question.answer;
    waiting.swap(question.waiting);
  }
  for (Use& use : waiting) {
    call_last_within_memory(use, *known);
  }
}

}  // namespace matricula::server
