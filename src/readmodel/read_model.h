#pragma once

#include <atomic>
#include <chrono>
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
#include <variant>
#include <vector>

#include "base/result.h"
#include "readmodel/company_list.h"
#include "readmodel/layout.h"
#include "readmodel/loader.h"
#include "readmodel/store_rows.h"
#include "storage/database.h"

namespace matricula::readmodel {

// The counters of one reader, written by its thread alone.
struct ReaderCounts {
  std::atomic<std::uint64_t> hits{0};       // lists that were answered from memory
  std::atomic<std::uint64_t> misses{0};     // lists that were answered from tables
  std::atomic<std::uint64_t> refreshes{0};  // states that a request made itself
};

struct ReadModelStats {
  std::uint64_t companies = 0;
  std::uint64_t lists = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t refreshes = 0;  // by requests
  std::uint64_t loads = 0;      // of whole companies, in the background
  std::uint64_t catch_ups = 0;  // refreshes in the background
  std::uint64_t evictions = 0;
  std::uint64_t too_large = 0;    // loads that were given up since the list does not fit
  std::uint64_t failures = 0;     // loads and refreshes that could not read the store
  std::uint64_t waiting = 0;      // companies that wait to be loaded or refreshed
  std::uint64_t lag_seconds = 0;  // how long the first of them has waited
};

// Keeps the lists of hot companies in memory, within a budget. A company is loaded after its first
// request, by a thread of low priority; the least recently used are evicted when there is no room.
// The states that requests read are published by a thread of normal priority, so that no request
// waits for a lock that the other one holds.
//
// Safe to use from any thread.
class ReadModel {
 public:
  // Keeps those of `relations` that have a Layout. They and `database`, of which it opens sessions
  // of its own, must outlive it.
  ReadModel(storage::Database& database, std::span<const sql::Relation* const> relations,
            std::uint64_t bytes_max);
  ~ReadModel();
  ReadModel(const ReadModel&) = delete;
  ReadModel& operator=(const ReadModel&) = delete;

  storage::Database& database() { return database_; }
  // The number of the relation's list; nullopt where it is not kept.
  std::optional<std::size_t> find(const sql::Relation& relation) const;
  const StoreRows& rows_of(std::size_t list) const { return lists_[list]->rows; }
  // The company's list, which may have no state yet.
  std::shared_ptr<CompanyList> company(std::size_t list, std::string_view company);
  // Has the list loaded in the background, or refreshed where it has a state.
  void request_load(const std::shared_ptr<CompanyList>& list);
  // About the seconds since it was made.
  std::uint64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }
  // Counters for one more reader.
  std::shared_ptr<ReaderCounts> new_counts();

  ReadModelStats stats() const;
  // Waits until no list waits to be loaded or refreshed. For tests.
  void wait_until_idle();

 private:
  struct List {
    List(const sql::Relation& of, Layout its_layout, sql::Dialect dialect)
        : relation(of), layout(std::move(its_layout)), rows(*StoreRows::of(layout, dialect)) {}
    const sql::Relation& relation;
    const Layout layout;
    const StoreRows rows;
  };
  // A refreshed state, or all rows of a load.
  using Read = std::variant<StoredState, StoreRows::ReadRows>;
  struct LoadRequest {
    std::shared_ptr<CompanyList> list;
    std::uint64_t since = 0;  // tick
  };

  void keep();
  void start_next();
  void take_result();
  void postpone(CompanyList& list, ErrorCode error);
  void retire(std::shared_ptr<const PublishedState> state);
  void make_room(const CompanyList& newest);
  std::uint64_t allowance(const CompanyList& list);
  Loader::State make_state(const LoadJob& job, const std::atomic<bool>& is_cancelled);
  Result<Read> read(storage::Session& session, const LoadJob& job,
                    const std::atomic<bool>& is_cancelled) const;

  storage::Database& database_;
  const std::uint64_t bytes_max_;
  std::vector<std::unique_ptr<const List>> lists_;
  std::atomic<std::uint64_t> ticks_{1};
  std::atomic<std::uint64_t> loads_{0};
  std::atomic<std::uint64_t> catch_ups_{0};
  std::atomic<std::uint64_t> evictions_{0};
  std::atomic<std::uint64_t> too_large_{0};
  std::atomic<std::uint64_t> failures_{0};

  // Not the loader's: requests take it.
  mutable std::mutex companies_mutex_;
  std::map<std::pair<std::size_t, std::string>, std::shared_ptr<CompanyList>> companies_;
  std::vector<std::shared_ptr<ReaderCounts>> counts_;

  // Between requests and the keeper; not the loader's.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<LoadRequest> requests_;
  bool is_ending_ = false;

  // The keeper's.
  std::vector<std::shared_ptr<const PublishedState>> retired_;  // to be freed by it
  LoadJob job_;  // the one that is under way, else of no list

  Loader loader_;
  std::thread keeper_;
};

}  // namespace matricula::readmodel
