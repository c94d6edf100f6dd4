#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text_hash.h"
#include "readmodel/model_rows.h"
#include "readmodel/read_model.h"
#include "readmodel/selector.h"
#include "storage/list_reader.h"

namespace matricula::readmodel {

// Answers lists from the read model where that has the newest state of the company, or can make it
// from few changes; `inner` answers all others. One thread at a time.
class ModelListReader final : public storage::ListReader {
 public:
  // `session` is the one that `inner` reads in; it, `model` and `clock` must outlive the reader.
  ModelListReader(std::unique_ptr<storage::ListReader> inner, storage::Session& session,
                  ReadModel& model, const Clock& clock);

  void begin(std::chrono::nanoseconds deadline) override;
  void end() override { release(); }
  Result<bool> hold(const sql::Relation& relation, std::string_view company,
                    bool in_snapshot) override;
  bool passes_guard(std::string_view text, std::string_view value) override;
  void note_guard(std::string_view text, std::string_view value) override;
  std::optional<storage::UnsentStatement> hold_statement(const sql::Relation& relation,
                                                         std::string_view company) override;
  Result<bool> hold_by(storage::Rows& rows, const sql::Relation& relation,
                       std::string_view company) override;
  Result<std::optional<storage::RecordsVersion>> version(std::string_view company) override;
  Result<storage::RowsHandle> page(const storage::PageQuery& query) override;
  bool can_add(const storage::PageQuery& query) override;
  bool is_short(const storage::PageQuery& query) override;
  std::optional<storage::UnsentStatement> page_statement(const storage::PageQuery& query) override;
  Result<std::int64_t> count(const storage::ListScope& scope) override;
  std::optional<storage::UnsentStatement> count_statement(const storage::ListScope& scope) override;
  Result<bool> exists_beyond(const storage::BoundQuery& query) override;

  // Whether hold() would succeed now without reading changes: almost any request is light then. On
  // a shared store only whether there is any state in memory.
  bool is_ready(const sql::Relation& relation, std::string_view company);

 private:
  // Cached results that hold for one state: guards that found a row, by text and value, and counts
  // of searches, each of which checks very many people.
  struct Findings {
    std::int64_t sequence = 0;
    std::string epoch;
    std::unordered_set<std::string, TextHash, std::equal_to<>> passed;
    std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> counts;
  };
  // What this reader knows of a company's list.
  struct Entry {
    std::shared_ptr<CompanyList> list;
    std::weak_ptr<const PublishedState> state;
    std::uint64_t version = 0;
    Findings findings = {};
  };
  using State = std::shared_ptr<const PublishedState>;

  Entry& entry_of(std::size_t list, std::string_view company);
  State newest(Entry& entry);
  void release();
  void note_use(Entry& entry);
  void take(State state, const sql::Relation& relation, std::string_view company);
  bool is_newest(const PublishedState& state) const;
  Result<State> checked(Entry& entry, State state, bool in_snapshot);
  Result<State> refreshed(Entry& entry, const State& state, bool in_snapshot);
  Result<State> refresh_in_snapshot(const Entry& entry, const State& state);
  void select(const storage::ListScope& scope);
  Result<std::int64_t> count_held(const storage::ListScope& scope);
  Result<void> check_time() const;
  Findings* findings_of_held();
  std::string_view guard_key(std::string_view text, std::string_view value);
  bool is_held(const storage::ListScope& scope) const {
    return held_ != nullptr && held_relation_ == scope.relation && held_company_ == scope.company;
  }

  const std::unique_ptr<storage::ListReader> inner_;
  storage::Session& session_;
  ReadModel& model_;
  const Clock& clock_;
  const std::shared_ptr<ReaderCounts> counts_;
  std::vector<std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>>
      entries_;  // by list
  Selector selector_;
  ModelRows rows_;
  // What the request reads from.
  State held_;
  const sql::Relation* held_relation_ = nullptr;
  std::string held_company_;
  bool is_selected_ = false;  // the selector has the scope of the request
  std::string guard_key_;
  std::string count_key_;
  storage::Bind company_bind_;  // of hold_statement()
};

}  // namespace matricula::readmodel
