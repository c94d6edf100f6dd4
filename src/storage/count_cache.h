#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/text_hash.h"
#include "storage/database.h"
#include "storage/list_reader.h"

namespace matricula::storage {

// Writes all that a list's count depends on to `key`: scopes of one key have one count. The key
// holds the address of the relation, which must not move.
void make_count_key(const ListScope& scope, std::string& key);

// Counts of lists that were read while nothing was written: a client that pages through a large
// list asks for the same total with every page. Exact: a count is known for one generation of the
// store alone. Bounded; safe to call from any thread.
class CountCache {
 public:
  std::optional<std::int64_t> find(std::string_view key, std::uint64_t generation);
  // Drops the counts of all other generations.
  void insert(std::string_view key, std::uint64_t generation, std::int64_t count);

 private:
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> counts_;
};

// Answers counts from the cache on a hit, and everything else from `inner`, which reads in
// `session`. One thread at a time; all but `inner` must outlive it.
class CountingListReader final : public TableReader {
 public:
  CountingListReader(std::unique_ptr<TableReader> inner, Session& session, Database& database,
                     CountCache& cache)
      : inner_(std::move(inner)), session_(session), database_(database), cache_(cache) {}
  void begin() override;
  Result<RowsHandle> page(const PageQuery& query) override { return inner_->page(query); }
  bool can_add(const PageQuery& query) override { return inner_->can_add(query); }
  bool is_short(const PageQuery& query) override { return inner_->is_short(query); }
  std::optional<UnsentStatement> page_statement(const PageQuery& query) override {
    return inner_->page_statement(query);
  }
  bool is_count_kept(const ListScope& scope) const override { return inner_->is_count_kept(scope); }
  std::optional<UnsentStatement> count_statement(const ListScope& scope) override {
    return inner_->count_statement(scope);
  }
  Result<std::int64_t> count(const ListScope& scope) override;
  Result<bool> exists_beyond(const BoundQuery& query) override {
    return inner_->exists_beyond(query);
  }

 private:
  Result<std::int64_t> count_by_memory(const ListScope& scope);
  Result<std::int64_t> count_by_store(const ListScope& scope);

  std::unique_ptr<TableReader> inner_;
  Session& session_;
  Database& database_;
  CountCache& cache_;
  std::uint64_t generation_ = 1;  // when the snapshot began; odd before the first
  std::string key_;
};

}  // namespace matricula::storage
