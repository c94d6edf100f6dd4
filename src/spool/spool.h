#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/waker.h"
#include "spool/budget.h"

namespace matricula::spool {

class SpoolFile;

struct SpoolOptions {
  std::string directory = {};  // empty: TMPDIR, else /var/tmp, else /tmp
  std::uint64_t bytes_max = std::uint64_t{4} * 1024 * 1024 * 1024;
  std::uint64_t share_max = bytes_max;  // of one owner
};

// Disk space for bytes that wait to be sent: one temporary file without a name, so that nothing is
// left of it however the process ends, cut into blocks that spool files take and give back. Safe to
// call from any thread.
class Spool : public std::enable_shared_from_this<Spool> {
 public:
  // The size of a block, by which space is counted.
  static constexpr std::size_t kBlockBytes = 64 * 1024;

  // Fails with kIo, naming the directory, where no file can be made.
  static Result<std::shared_ptr<Spool>> open(const SpoolOptions& options);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // An empty file whose bytes count for `owner`.
  std::shared_ptr<SpoolFile> create(Owner owner);

  // Gives the disk space of blocks that are no longer used back to the file system. To be called
  // from time to time, on a thread that may wait for a disk.
  void trim();

  const Budget& budget() const { return budget_; }

 private:
  friend class SpoolFile;
  using Block = std::uint32_t;

  Spool(int descriptor, const SpoolOptions& options);
  Result<Block> take_block(Owner owner);
  void give_back(Owner owner, std::span<const Block> blocks);
  std::uint64_t place_of(Block block) const { return std::uint64_t{block} * kBlockBytes; }

  const int descriptor_;
  Budget budget_;
  std::mutex mutex_;
  std::vector<Block> freed_;    // their bytes still take space on the disk
  std::vector<Block> trimmed_;  // theirs do not
  Block next_ = 0;              // the first block that was never used
};

// A file of a spool: one thread appends, any number of threads read at any place, also while it
// grows. Its space is given back with the last pointer to it.
class SpoolFile {
 public:
  enum class State { kGrowing, kFinished, kAbandoned };

  ~SpoolFile();
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  // Fails with kUnavailable when the spool or the owner's share of it is full, or the disk is; what
  // was appended before stays readable.
  Result<void> append(std::string_view bytes);
  // No more comes: readers reach the end, or, after abandon(), know that the rest is missing.
  void finish() { end(State::kFinished); }
  void abandon() { end(State::kAbandoned); }

  std::uint64_t size() const;
  State state() const;

  // Fills `room` from `offset` on as far as bytes are there, and returns how many that are: 0 at
  // the end of what has been appended so far. Fails with kIo.
  Result<std::size_t> read(std::uint64_t offset, std::span<char> room) const;

  // True when there are bytes beyond `offset` or no more will come; else `waker` is woken once as
  // soon as that is so.
  bool is_ready(std::uint64_t offset, const std::shared_ptr<Waker>& waker) const;

 private:
  friend class Spool;
  SpoolFile(std::shared_ptr<Spool> spool, Owner owner) : spool_(std::move(spool)), owner_(owner) {}
  void end(State state);
  Result<void> add_block();
  Result<void> append_to_blocks(std::string_view bytes);
  Result<void> append_to_block(std::string_view bytes);
  void wake_readers();

  const std::shared_ptr<Spool> spool_;
  const Owner owner_;
  mutable std::mutex mutex_;
  std::vector<Spool::Block> blocks_;
  std::uint64_t size_ = 0;
  State state_ = State::kGrowing;
  mutable std::vector<std::weak_ptr<Waker>> waiting_;
};

// A part of a spool file.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Complete bytes of which all but the end are in a spool file: the extents in order, then `text`.
struct StoredBytes {
  std::shared_ptr<SpoolFile> file = {};  // null where there are no extents
  std::vector<Extent> extents = {};
  std::string text = {};
  Lease lease = {};  // of the text's memory

  std::uint64_t size() const;
};

}  // namespace matricula::spool
