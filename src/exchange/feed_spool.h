#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/record.h"
#include "exchange/record_reader.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/prepared.h"

namespace matricula::exchange {

// The lines of a feed by table and key, the last one of each key. They are on disk, in an unlinked
// file, so that memory does not grow with the feed. One thread at a time.
class FeedSpool {
 public:
  static Result<FeedSpool> open();
  // Keeps a line, and drops an earlier one with the same key.
  Result<void> add(const FeedLine& line, std::uint64_t number, const Record& record,
                   std::string_view text);
  // Keeps the deletion of a record that no line names, as line 0.
  Result<void> add_deletion(const records::Entity& entity, std::span<const storage::Bind> values,
                            std::string_view text);
  // Whether a line, of either kind, has the key that is among `values`, those of the entity's
  // fields.
  Result<bool> has(const records::Entity& entity, std::span<const storage::Bind> values);
  // Gives the lines of a table to `take`, in the order of keys: puts, or deletions. The text is
  // readable for simdjson's padding beyond its end. The first error ends it.
  using Take = std::function<Result<void>(std::uint64_t number, std::string_view text)>;
  Result<void> for_each(records::EntityId entity, bool deletions, const Take& take);

 private:
  explicit FeedSpool(storage::sqlite::Connection connection);
  void make_key(const records::Entity& entity, std::span<const storage::Bind> values);
  Result<void> keep(const records::Entity& entity, bool is_deletion, std::uint64_t number,
                    std::string_view text);

  storage::sqlite::Connection connection_;
  std::unique_ptr<storage::sqlite::Prepared> insert_;
  std::unique_ptr<storage::sqlite::Prepared> find_;
  std::string key_;  // the one of make_key()
  std::string text_;
};

}  // namespace matricula::exchange
