#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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
  // Gives the lines of a table to `take`, in the order of keys: puts, or deletions. The text is
  // readable for simdjson's padding beyond its end. The first error ends it.
  using Take = std::function<Result<void>(std::uint64_t number, std::string_view text)>;
  Result<void> for_each(records::EntityId entity, bool deletions, const Take& take);

 private:
  explicit FeedSpool(storage::sqlite::Connection connection);

  storage::sqlite::Connection connection_;
  std::unique_ptr<storage::sqlite::Prepared> insert_;
  std::string key_;
  std::string text_;
};

}  // namespace matricula::exchange
