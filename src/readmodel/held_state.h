#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/text_hash.h"
#include "readmodel/company_list.h"
#include "readmodel/model_rows.h"
#include "readmodel/selector.h"
#include "storage/memory_lists.h"

namespace matricula::readmodel {

// Results for one state of a list: guards that found a row, by text and value, and counts of
// searches, each of which checks very many people.
struct Findings {
  std::int64_t sequence = 0;
  std::string epoch;
  std::unordered_set<std::string, TextHash, std::equal_to<>> passed;
  std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> counts;
};

// The state of a list that a request reads. Keeps its buffers from request to request; one thread
// at a time.
class HeldState final : public storage::HeldList {
 public:
  // `clock` must outlive it.
  explicit HeldState(const Clock& clock) : clock_(clock) {}

  // Reads fail with kTimeout past `deadline` (Clock::monotonic).
  void set_deadline(std::chrono::nanoseconds deadline) { selector_.set_deadline(clock_, deadline); }
  // Shares `state` until release(). Findings of an older state are dropped; `findings` must live
  // until then.
  void hold(std::shared_ptr<const PublishedState> state, Findings& findings);
  void release();

  Result<storage::RowsHandle> page(const storage::PageQuery& query) override;
  bool can_add(const storage::PageQuery&) override { return false; }
  Result<std::int64_t> count(const storage::ListScope& scope) override;
  Result<bool> exists_beyond(const storage::BoundQuery& query) override;
  bool passes_guard(std::string_view text, std::string_view value) override;
  void note_guard(std::string_view text, std::string_view value) override;

 private:
  void select(const storage::ListScope& scope);
  Result<void> check_time() const;
  Result<std::int64_t> count_rows(const storage::ListScope& scope);
  std::string_view guard_key(std::string_view text, std::string_view value);

  const Clock& clock_;
  std::shared_ptr<const PublishedState> state_;
  Findings* findings_ = nullptr;
  Selector selector_;
  bool is_selected_ = false;  // the selector has the scope of the request
  ModelRows rows_;
  std::string guard_key_;
  std::string count_key_;
};

}  // namespace matricula::readmodel
