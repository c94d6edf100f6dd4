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

// The state of the store at one probe; `imports` where they could be read.
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

  // The queries, which run on the probe's thread.
  struct Source {
    std::function<storage::StoreHealth()> health;
    std::function<std::optional<std::vector<exchange::ImportTotals>>()> imports;
  };
  // `database` must outlive the source.
  static Source source_of(storage::Database& database);

  // The clock must outlive it.
  StoreProbe(Source source, const Clock& clock);
  // Waits for a probe that is under way, and passes its answer to all callers that wait.
  ~StoreProbe();
  StoreProbe(const StoreProbe&) = delete;
  StoreProbe& operator=(const StoreProbe&) = delete;

  // Calls `use` exactly once: now on this thread while the last answer is fresh, else on the
  // probe's thread when the store has answered.
  void ask_health(Use use);
  // The same with `imports`, and always on the probe's thread, for what takes long.
  void ask_all(Use use);

 private:
  // One kind of probe: the callers that wait for its answer, and the last answer.
  struct Question {
    std::vector<Use> waiting = {};
    std::shared_ptr<const StoreMetrics> answer = {};
    std::chrono::nanoseconds answered_at{0};
  };

  bool is_fresh(const Question& question) const;
  void work();
  void look(bool wants_all);
  void settle(Question& question, StoreMetrics metrics);
  void answer(Question& question);

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
