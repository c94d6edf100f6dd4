#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "storage/database.h"
#include "storage/list_scope.h"

namespace matricula::storage {

// The histograms of lists, a few seconds old at most: access paths are chosen by their counts,
// which need not be exact. Caches histograms of few rows, those of the lists that were read last.
// One thread at a time.
class RecentCounts {
 public:
  // Both must outlive it.
  RecentCounts(Session& session, const Clock& clock) : session_(session), clock_(clock) {}

  // How many rows of the scope's list match these conditions, all of which the histogram has;
  // nullopt where the store has to be asked.
  std::optional<std::int64_t> find(const ListScope& scope, const sql::Histogram& histogram,
                                   std::span<const Condition> conditions);
  // Reads the histogram for find(), unless it is known to have too many rows.
  Result<void> read(const ListScope& scope, const sql::Histogram& histogram);

 private:
  // A histogram's rows: for each the number of its value in every filter, and its count.
  struct Kept {
    std::chrono::nanoseconds read_at{0};
    bool is_large = false;
    std::vector<std::vector<std::string>> values = {};  // of each filter
    std::vector<std::uint16_t> codes = {};
    std::vector<std::int64_t> counts = {};
  };

  void make_key(const ListScope& scope, const sql::Histogram& histogram);
  const Kept* recent() const;
  const Statement& statement(const sql::Relation& relation, const sql::Histogram& histogram);
  Result<Kept> read_all(const Statement& text, const ListScope& scope, std::size_t filters);

  Session& session_;
  const Clock& clock_;
  std::unordered_map<std::string, Kept> kept_;
  std::unordered_map<const sql::Histogram*, std::unique_ptr<Statement>> statements_;
  // Scratch that keeps its memory.
  std::string key_;
  std::vector<char> is_wanted_;   // for each value of the filter of a condition
  std::vector<char> is_counted_;  // for each row
  std::vector<Bind> binds_;
};

}  // namespace matricula::storage
