#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text_hash.h"
#include "readmodel/held_state.h"
#include "readmodel/read_model.h"
#include "storage/memory_lists.h"

namespace matricula::readmodel {

// The lists of the read model, as one thread's requests see them: a list is held where memory has
// the newest state of the company, or can make it from few changes. One thread at a time.
class ModelLists final : public storage::MemoryLists {
 public:
  // All must outlive it; `session` is the one in whose snapshots lists are held.
  ModelLists(storage::Session& session, ReadModel& model, const Clock& clock);

  void begin(std::chrono::nanoseconds deadline) override;
  void end() override { held_.release(); }
  Result<storage::HeldList*> hold(const sql::Relation& relation, std::string_view company,
                                  bool in_snapshot) override;
  std::optional<storage::UnsentStatement> hold_statement(const sql::Relation& relation,
                                                         std::string_view company) override;
  Result<storage::HeldList*> hold_by(storage::Rows& rows, const sql::Relation& relation,
                                     std::string_view company) override;
  Result<std::optional<storage::RecordsVersion>> version(std::string_view company) override;

  // Whether hold() would succeed now without reading changes: almost any request is light then. On
  // a shared store only whether there is any state in memory.
  bool is_ready(const sql::Relation& relation, std::string_view company);

 private:
  // What this thread knows of a company's list.
  struct Entry {
    std::shared_ptr<CompanyList> list;
    std::weak_ptr<const PublishedState> state;
    std::uint64_t version = 0;
    Findings findings = {};
  };
  using State = std::shared_ptr<const PublishedState>;

  Entry& entry_of(std::size_t list, std::string_view company);
  State newest(Entry& entry);
  void note_use(Entry& entry);
  storage::HeldList* take(Entry& entry, State state);
  bool is_newest(const PublishedState& state) const;
  Result<State> checked(Entry& entry, State state, bool in_snapshot);
  Result<State> refreshed(Entry& entry, const State& state, bool in_snapshot);
  Result<State> refresh_in_snapshot(const Entry& entry, const State& state);

  storage::Session& session_;
  ReadModel& model_;
  const std::shared_ptr<ReaderCounts> counts_;
  std::vector<std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>>
      entries_;  // by list
  HeldState held_;
  storage::Bind company_bind_;  // of hold_statement()
};

}  // namespace matricula::readmodel
