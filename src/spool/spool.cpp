#include "spool/spool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/files.h"

namespace matricula::spool {
namespace {

std::vector<std::string> directories_of(const SpoolOptions& options) {
  return options.directory.empty() ? temporary_directories()
                                   : std::vector<std::string>{options.directory};
}

// Room for so many items, made as push_back() makes it.
template <typename T>
void make_room(std::vector<T>& list, std::size_t count) {
  if (list.capacity() < count) {
    list.reserve(std::max(count, 2 * list.capacity()));
  }
}

}  // namespace

Result<std::shared_ptr<Spool>> Spool::open(const SpoolOptions& options) {
  std::string tried;
  for (const std::string& directory : directories_of(options)) {
    if (const int descriptor = open_unnamed_file(directory); descriptor >= 0) {
      return std::shared_ptr<Spool>(new Spool(descriptor, options));
    }
    tried +=
        fmt::format("{}\"{}\" ({})", tried.empty() ? "" : ", ", directory, std::strerror(errno));
  }
  return fail(ErrorCode::kIo,
              fmt::format("No temporary file can be made in {}. Name a directory that can be "
                          "written with --spool-dir.",
                          tried));
}

Spool::Spool(int descriptor, const SpoolOptions& options)
    : descriptor_(descriptor), budget_(options.bytes_max, options.share_max) {}

Spool::~Spool() {
  ::close(descriptor_);
}

std::shared_ptr<SpoolFile> Spool::create(Owner owner) {
  return std::shared_ptr<SpoolFile>(new SpoolFile(shared_from_this(), owner));
}

Result<Spool::Block> Spool::take_block(Owner owner) {
  const std::lock_guard lock(mutex_);
  // Blocks are given back by destructors, which have to find room for all of them.
  make_room(freed_, std::size_t{next_} + 1);
  make_room(trimmed_, std::size_t{next_} + 1);
  if (!budget_.take(owner, kBlockBytes)) {
    return fail(ErrorCode::kUnavailable,
                "The server holds too many large answers that are not read yet; try again later.",
                {.internal = "the spool is full (--spool-bytes)"});
  }
  for (std::vector<Block>* list : {&freed_, &trimmed_}) {
    if (!list->empty()) {
      const Block block = list->back();
      list->pop_back();
      return block;
    }
  }
  return next_++;
}

void Spool::give_back(Owner owner, std::span<const Block> blocks) {
  {
    const std::lock_guard lock(mutex_);
    freed_.insert(freed_.end(), blocks.begin(), blocks.end());
  }
  budget_.give_back(owner, blocks.size() * kBlockBytes);
}

void Spool::trim() {
  std::vector<Block> blocks;
  {
    const std::lock_guard lock(mutex_);
    blocks = freed_;
    freed_.clear();  // and keeps its room
  }
  std::ranges::sort(blocks);
  for (auto run = blocks.begin(); run != blocks.end();) {
    auto end = run + 1;
    while (end != blocks.end() && *end == *(end - 1) + 1) {
      ++end;
    }
    // Where holes cannot be made, the space is used again all the same.
    static_cast<void>(::fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                  static_cast<off_t>(place_of(*run)),
                                  (end - run) * static_cast<std::ptrdiff_t>(kBlockBytes)));
    run = end;
  }
  const std::lock_guard lock(mutex_);
  trimmed_.insert(trimmed_.end(), blocks.begin(), blocks.end());
}

SpoolFile::~SpoolFile() {
  spool_->give_back(owner_, blocks_);
}

// Readers are woken once all bytes are there and not for each block, since a wake-up costs as much
// as writing a block.
Result<void> SpoolFile::append(std::string_view bytes) {
  MATRICULA_ASSERT(state_ == State::kGrowing);
  auto done = append_to_blocks(bytes);
  wake_readers();
  return done;
}

Result<void> SpoolFile::add_block() {
  {
    const std::lock_guard lock(mutex_);
    make_room(blocks_, blocks_.size() + 1);  // first: a block that is taken is not lost then
  }
  MATRICULA_TRY(const Spool::Block block, spool_->take_block(owner_));
  const std::lock_guard lock(mutex_);
  blocks_.push_back(block);
  return {};
}

Result<void> SpoolFile::append_to_blocks(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t used = size_ % Spool::kBlockBytes;
    const std::string_view part = bytes.substr(0, Spool::kBlockBytes - used);
    if (used == 0) {
      MATRICULA_CHECK(add_block());
    }
    if (auto done = append_to_block(part); !done) {
      if (used == 0) {
        spool_->give_back(owner_, {&blocks_.back(), 1});
        const std::lock_guard lock(mutex_);
        blocks_.pop_back();
      }
      return done;
    }
    bytes.remove_prefix(part.size());
  }
  return {};
}

// Into the last block, behind what it has.
Result<void> SpoolFile::append_to_block(std::string_view bytes) {
  std::uint64_t place = spool_->place_of(blocks_.back()) + size_ % Spool::kBlockBytes;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t count =
        ::pwrite(spool_->descriptor_, rest.data(), rest.size(), static_cast<off_t>(place));
    if (count < 0 && errno != EINTR) {
      return fail(
          ErrorCode::kUnavailable, "The server has no room for large answers now; try again later.",
          {.internal = fmt::format("the spool cannot be written: {}", std::strerror(errno))});
    }
    if (count > 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
      place += static_cast<std::uint64_t>(count);
    }
  }
  const std::lock_guard lock(mutex_);
  size_ += bytes.size();
  return {};
}

void SpoolFile::end(State state) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kGrowing) {
      return;
    }
    state_ = state;
  }
  wake_readers();
}

void SpoolFile::wake_readers() {
  std::vector<std::weak_ptr<Waker>> woken;
  {
    const std::lock_guard lock(mutex_);
    woken.swap(waiting_);
  }
  for (const auto& each : woken) {
    if (const auto waker = each.lock()) {
      waker->wake();
    }
  }
}

std::uint64_t SpoolFile::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

SpoolFile::State SpoolFile::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

Result<std::size_t> SpoolFile::read(std::uint64_t offset, std::span<char> room) const {
  std::size_t filled = 0;
  while (filled < room.size()) {
    std::uint64_t place = 0;
    std::size_t wanted = 0;
    {
      const std::lock_guard lock(mutex_);
      if (offset >= size_) {
        return filled;
      }
      const std::size_t in_block = offset % Spool::kBlockBytes;
      place = spool_->place_of(blocks_[offset / Spool::kBlockBytes]) + in_block;
      wanted = std::min<std::uint64_t>(
          {room.size() - filled, Spool::kBlockBytes - in_block, size_ - offset});
    }
    const ssize_t count =
        ::pread(spool_->descriptor_, room.data() + filled, wanted, static_cast<off_t>(place));
    if (count <= 0) {
      if (count < 0 && errno == EINTR) {
        continue;
      }
      return fail(ErrorCode::kIo, "The spool cannot be read.",
                  {.internal = count < 0 ? std::strerror(errno) : "it ends too early"});
    }
    filled += static_cast<std::size_t>(count);
    offset += static_cast<std::uint64_t>(count);
  }
  return filled;
}

bool SpoolFile::is_ready(std::uint64_t offset, const std::shared_ptr<Waker>& waker) const {
  const std::lock_guard lock(mutex_);
  if (offset < size_ || state_ != State::kGrowing) {
    return true;
  }
  std::erase_if(waiting_, [&](const auto& each) {
    return each.expired() || (!each.owner_before(waker) && !waker.owner_before(each));
  });
  waiting_.push_back(waker);
  return false;
}

std::uint64_t StoredBytes::size() const {
  std::uint64_t sum = text.size();
  for (const Extent& extent : extents) {
    sum += extent.length;
  }
  return sum;
}

}  // namespace matricula::spool
