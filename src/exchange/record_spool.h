#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/limits.h"
#include "exchange/record.h"
#include "records/entities.h"

namespace matricula::exchange {

// The checked records of one file, kept until the store's lock is held: an external merge sort by
// key, so that neighbouring rows are written together; stable where keys are equal. Users and
// companies stay in the order of lines, which decides whose e-mail address or slug counts. Up to
// `run_bytes_max` in memory, more in an unlinked file. One thread at a time.
class RecordSpool {
 public:
  explicit RecordSpool(const records::Entity& entity, std::size_t run_bytes_max = kRunBytesMax);
  ~RecordSpool();
  RecordSpool(const RecordSpool&) = delete;
  RecordSpool& operator=(const RecordSpool&) = delete;

  Result<void> add(std::uint64_t line, const Record& record);
  std::uint64_t count() const { return count_; }
  bool has_deletions() const { return has_deletions_; }
  // Gives every record once, borrowed until `take` returns; the first error ends it. Nothing can be
  // added afterwards.
  using Take = std::function<Result<void>(std::uint64_t line, const Record& record)>;
  Result<void> for_each(const Take& take);

 private:
  class Run;

  void append_key(const Record& record);
  Result<void> write_run();
  void sort_entries();
  Result<void> for_each_in_memory(const Take& take);
  Result<void> merge_runs(const Take& take);
  void decode(std::string_view entry, Record& record) const;

  const records::Entity& entity_;
  const std::size_t run_bytes_max_;
  std::string entries_;              // of the current run, one after the other
  std::vector<std::size_t> places_;  // where they begin
  int descriptor_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::vector<std::uint64_t> run_ends_;  // in the file
  std::uint64_t count_ = 0;
  bool has_deletions_ = false;
};

}  // namespace matricula::exchange
