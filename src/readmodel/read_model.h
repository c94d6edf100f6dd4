#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "readmodel/layout.h"
#include "readmodel/store_rows.h"
#include "storage/database.h"

namespace matricula::readmodel {

// A state that requests read from. Immutable but for what is known of it.
struct PublishedState : StoredState {
  // The even generation of the store that this was seen to be the newest state in; odd for none.
  mutable std::atomic<std::uint64_t> generation{1};
};

// One list of one company.
struct CompanyList {
  std::size_t list = 0;  // in ReadModel's relations
  std::string company;

  // The newest state there is in memory, with a number that rises with each.
  std::mutex mutex;
  std::shared_ptr<const PublishedState> state;
  std::atomic<std::uint64_t> version{0};

  std::atomic<std::uint64_t> used_at{0};   // ReadModel::ticks() at its last use
  std::atomic<bool> is_wanted{false};      // whether it waits to be loaded or refreshed
  std::atomic<bool> is_refreshed{false};   // whether a request refreshes it now
  std::atomic<std::uint64_t> retry_at{0};  // before this tick it is not loaded
  std::atomic<std::uint64_t> bytes{0};

  // The state and its version. Takes the lock.
  std::pair<std::shared_ptr<const PublishedState>, std::uint64_t> read();
  // Puts a state there, null for none, unless a newer one is there already that need not be loaded
  // anew. What is not there any more.
  std::shared_ptr<const PublishedState> publish(std::shared_ptr<const PublishedState> next);
};

// What one reader counted; written by its thread alone.
struct ReaderCounts {
  std::atomic<std::uint64_t> hits{0};       // lists that were answered from memory
  std::atomic<std::uint64_t> misses{0};     // lists that were answered from tables
  std::atomic<std::uint64_t> refreshes{0};  // states that a request made itself
};

struct ReadModelStats {
  std::uint64_t companies = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t refreshes = 0;  // by requests
  std::uint64_t loads = 0;      // of whole companies, aside
  std::uint64_t catch_ups = 0;  // refreshes aside
  std::uint64_t evictions = 0;
  std::uint64_t waiting = 0;      // companies that wait to be loaded or refreshed
  std::uint64_t lag_seconds = 0;  // for how long the first of them has
};

// Keeps the lists of hot companies in memory, within a budget. A company is loaded after its first
// request, on a thread of idle priority; those used longest ago leave when there is no room. What
// requests read is swapped on another thread, so that no request waits for an idle one.
//
// Safe to use from any thread.
class ReadModel {
 public:
  // Keeps those of `relations` that can be. All must outlive it; so must `database`, whose sessions
  // it opens for itself.
  ReadModel(storage::Database& database, std::span<const sql::Relation* const> relations,
            std::uint64_t bytes_max);
  ~ReadModel();
  ReadModel(const ReadModel&) = delete;
  ReadModel& operator=(const ReadModel&) = delete;

  storage::Database& database() { return database_; }
  // The number of the list that the relation is; nullopt where it is not kept.
  std::optional<std::size_t> find(const sql::Relation& relation) const;
  const StoreRows& rows_of(std::size_t list) const { return lists_[list]->rows; }
  // The company's list, which may have no state yet.
  std::shared_ptr<CompanyList> company(std::size_t list, std::string_view company);
  // Has the list loaded, or brought up to date where `state` can be.
  void want(const std::shared_ptr<CompanyList>& list);
  // Seconds, about, since it began.
  std::uint64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }
  // Counters for one more reader.
  std::shared_ptr<ReaderCounts> new_counts();

  ReadModelStats stats() const;
  // Waits until nothing is to be loaded. For tests.
  void wait_until_idle();

 private:
  struct List {
    List(const sql::Relation& of, Layout its_layout, sql::Dialect dialect)
        : relation(of), layout(std::move(its_layout)), rows(*StoreRows::of(layout, dialect)) {}
    const sql::Relation& relation;
    const Layout layout;
    const StoreRows rows;
  };
  struct Job {
    std::shared_ptr<CompanyList> list;
    std::uint64_t bytes_max = 0;
  };
  struct Wanted {
    std::shared_ptr<CompanyList> list;
    std::uint64_t since = 0;  // tick
  };

  void keep();
  void start_next();
  void take_result();
  void retire(std::shared_ptr<const PublishedState> state);
  void make_room(const CompanyList& newest);
  std::uint64_t allowance(const CompanyList& list);
  void load();
  Result<std::shared_ptr<PublishedState>> make_state(const Job& job);
  Result<std::shared_ptr<PublishedState>> read_state(const Job& job, storage::Session& session);

  storage::Database& database_;
  const std::uint64_t bytes_max_;
  std::vector<std::unique_ptr<const List>> lists_;
  std::atomic<std::uint64_t> ticks_{1};
  std::atomic<std::uint64_t> loads_{0};
  std::atomic<std::uint64_t> catch_ups_{0};
  std::atomic<std::uint64_t> evictions_{0};

  // Not the loader's: requests take it.
  mutable std::mutex companies_mutex_;
  std::map<std::pair<std::size_t, std::string>, std::shared_ptr<CompanyList>> companies_;
  std::vector<std::shared_ptr<ReaderCounts>> counts_;

  // Between requests and the keeper; not the loader's.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<Wanted> wanted_;
  bool is_ending_ = false;
  bool is_busy_ = false;

  std::vector<std::shared_ptr<const PublishedState>> retired_;  // the keeper's, to be freed by it

  // Between the keeper and the loader, which waits for a job; the keeper looks for the result from
  // time to time.
  std::mutex job_mutex_;
  std::condition_variable job_ready_;
  std::optional<Job> job_;
  std::optional<Result<std::shared_ptr<PublishedState>>> result_;
  bool is_loader_ending_ = false;

  std::thread keeper_;
  std::thread loader_;
};

}  // namespace matricula::readmodel
