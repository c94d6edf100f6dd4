#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "exchange/import_totals.h"
#include "storage/database.h"

namespace matricula::server {

// What is known of the store when it is asked; `imports` where it could be read.
struct StoreMetrics {
  storage::StoreHealth health = {};
  std::optional<std::vector<exchange::ImportTotals>> imports = {};
};

// Checks the health of the store, at most once in kFresh however many ask, on a thread of its own:
// neither a flood of probes nor a store that hangs costs the event loops anything. Safe to call
// from any thread.
class StoreProbe {
 public:
  static constexpr std::chrono::milliseconds kFresh{250};
  using Use = std::function<void(const StoreMetrics&)>;

  // What it asks, on its own thread.
  struct Source {
    std::function<storage::StoreHealth()> health;
    std::function<std::optional<std::vector<exchange::ImportTotals>>()> imports;
  };
  // `database` must outlive the source.
  static Source source_of(storage::Database& database);

  // The clock must outlive it.
  StoreProbe(Source source, const Clock& clock);
  // Waits for an answer that is under way, and hands it to all who wait.
  ~StoreProbe();
  StoreProbe(const StoreProbe&) = delete;
  StoreProbe& operator=(const StoreProbe&) = delete;

  // Calls `use` exactly once: at once on this thread while what is known is fresh, else on the
  // probe's thread when the store has answered. `imports` are there for ask_all() only.
  void ask_health(Use use) { ask(health_, std::move(use)); }
  void ask_all(Use use) { ask(all_, std::move(use)); }

 private:
  // One question: who waits for its answer, and the last one.
  struct Question {
    std::vector<Use> waiting = {};
    std::shared_ptr<const StoreMetrics> answer = {};
    std::chrono::nanoseconds answered_at{0};
  };

  void ask(Question& question, Use use);
  void work();
  void settle(Question& question, StoreMetrics metrics);

  const Source source_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Question health_;
  Question all_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace matricula::server
