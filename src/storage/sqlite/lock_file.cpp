#include "storage/sqlite/lock_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/files.h"
#include "storage/sqlite/error.h"

namespace matricula::storage::sqlite {

namespace {

constexpr off_t kFileBytes = 4096;
constexpr std::string_view kMagic = "Matricula lock 1";
constexpr std::chrono::milliseconds kPrepareLimit{5000};

using Nap = std::chrono::microseconds;
constexpr Nap kFirstNap{250};
constexpr Nap kLongestNap{8000};
// Longer than a waiting process sleeps between two tries, and short beside a transaction.
constexpr Nap kGiveWay{10'000};

Error io_error(std::string_view path, std::string_view what) {
  return Error{.code = ErrorCode::kIo,
               .message = fmt::format("The lock file {} cannot be {}: {}. Check the permissions of "
                                      "the file and of its directory.",
                                      path, what, std::strerror(errno))};
}

Error busy_error(std::string_view path, std::chrono::milliseconds limit) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = "The store is busy with another change. Try again later.",
               .internal = fmt::format("{} was held for {} ms", path, limit.count())};
}

bool set_lock(int descriptor, short type) {
  struct flock request = {};
  request.l_type = type;
  request.l_whence = SEEK_SET;
  int result = 0;
  do {
    result = fcntl(descriptor, F_OFD_SETLK, &request);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

// Linux has no such lock with a time limit. The naps are summed up, not measured, so that the wait
// ends whatever the clock does. `note` is called before each nap.
template <typename Note>
Result<void> wait_for_lock(int descriptor, std::string_view path, std::chrono::milliseconds limit,
                           const Note& note) {
  Nap waited{0};
  for (Nap nap = kFirstNap; !set_lock(descriptor, F_WRLCK); nap = std::min(nap * 2, kLongestNap)) {
    if (errno != EAGAIN && errno != EACCES) {
      return fail(io_error(path, "locked"));
    }
    if (waited >= limit) {
      return fail(busy_error(path, limit));
    }
    note();
    std::this_thread::sleep_for(nap);
    waited += nap;
  }
  return {};
}

// Nanoseconds of the clock that all processes of a machine share.
std::int64_t steady_time() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Reads the magic number before the size: another process, which prepares the file meanwhile,
// writes them the other way round.
Result<bool> is_prepared(int descriptor, std::string_view path) {
  struct stat status = {};
  char magic[kMagic.size()] = {};
  if (pread(descriptor, magic, sizeof magic, 0) < 0 || fstat(descriptor, &status) != 0) {
    return fail(io_error(path, "read"));
  }
  const std::string_view found(magic, sizeof magic);
  if (status.st_size == kFileBytes && found == kMagic) {
    return true;
  }
  const bool is_new = status.st_size == 0 || status.st_size == kFileBytes;
  if (!is_new || found.find_first_not_of('\0') != std::string_view::npos) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The file {} is not a lock file of Matricula. Move it away.", path));
  }
  return false;
}

// Gives a new file its size, and after that its magic number. All who may write the store get
// permission to lock it, whatever the process's umask is.
Result<void> prepare(int descriptor, std::string_view path, mode_t mode) {
  MATRICULA_CHECK(wait_for_lock(descriptor, path, kPrepareLimit, [] {}));
  Result<bool> done = is_prepared(descriptor, path);
  if (done && !*done &&
      (!set_mode(descriptor, mode) || ftruncate(descriptor, kFileBytes) != 0 ||
       pwrite(descriptor, kMagic.data(), kMagic.size(), 0) !=
           static_cast<ssize_t>(kMagic.size()))) {
    done = fail(io_error(path, "written"));
  }
  set_lock(descriptor, F_UNLCK);
  if (!done) {
    return fail(std::move(done).error());
  }
  return {};
}

// See "Presence" in the header. A restore is over soon, so that opening waits for it.
Result<void> note_presence(int descriptor, std::string_view path, bool is_alone) {
  Nap waited{0};
  for (;;) {
    if (flock(descriptor, (is_alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) {
      return {};
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno != EWOULDBLOCK) {
      return fail(io_error(path, "locked"));
    }
    if (is_alone) {
      return fail(
          ErrorCode::kConflict,
          "A program has the store open. Stop every server and command that uses it first.");
    }
    if (waited >= kPrepareLimit) {
      return fail(ErrorCode::kUnavailable, "The store is being restored. Try again later.");
    }
    std::this_thread::sleep_for(kLongestNap);
    waited += kLongestNap;
  }
}

}  // namespace

Result<std::unique_ptr<LockFile>> LockFile::open(const std::string& store_path, mode_t mode) {
  return open_as(store_path, mode, false);
}

Result<std::unique_ptr<LockFile>> LockFile::open_alone(const std::string& store_path, mode_t mode) {
  return open_as(store_path, mode, true);
}

Result<std::unique_ptr<LockFile>> LockFile::open_as(const std::string& store_path, mode_t mode,
                                                    bool is_alone) {
  static_assert(sizeof(Page::magic) == kMagic.size());
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "it is shared by processes");
  std::string path = store_path + "-lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) {
    return fail(io_error(path, "opened"));
  }
  inherit_owner(descriptor, store_path);
  Result<bool> prepared = is_prepared(descriptor, path);
  const bool is_first = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  if (const Result<void> present =
          is_first ? Result<void>() : note_presence(descriptor, path, is_alone);
      !present) {
    prepared = fail(present.error());
  }
  if (prepared && !*prepared) {
    if (Result<void> done = prepare(descriptor, path, mode); !done) {
      prepared = fail(std::move(done).error());
    }
  }
  if (!prepared) {
    close(descriptor);
    return fail(std::move(prepared).error());
  }
  void* const memory = mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) {
    Error error = io_error(path, "mapped into memory");
    close(descriptor);
    return fail(std::move(error));
  }
  std::unique_ptr<LockFile> file(
      new LockFile(std::move(path), descriptor, static_cast<Page*>(memory)));
  if (is_first) {
    file->forget_log();
    MATRICULA_CHECK(note_presence(descriptor, file->path_, is_alone));
  }
  return file;
}

LockFile::~LockFile() {
  MATRICULA_ASSERT(!held_);
  munmap(page_, kFileBytes);
  close(descriptor_);
}

Result<LockFile::Hold> LockFile::acquire(std::chrono::milliseconds limit, const Clock& clock) {
  const std::chrono::nanoseconds asked = clock.monotonic();
  {
    std::unique_lock guard(mutex_);
    MATRICULA_ASSERT(!held_ || holder_ != std::this_thread::get_id());
    if (!freed_.wait_for(guard, limit, [this] { return !held_; })) {
      return fail(busy_error(path_, limit));
    }
    held_ = true;
    holder_ = std::this_thread::get_id();
  }
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - asked);
  if (Result<void> locked = lock_file(std::max(limit - waited, std::chrono::milliseconds(0)));
      !locked) {
    {
      const std::lock_guard guard(mutex_);
      held_ = false;
    }
    freed_.notify_one();
    return fail(std::move(locked).error());
  }
  return Hold(*this);
}

Result<void> LockFile::wait_for_lock(std::chrono::milliseconds limit) const {
  return sqlite::wait_for_lock(descriptor_, path_, limit, [this] {
    page_->waited_at.store(steady_time(), std::memory_order_relaxed);
  });
}

// See "Turns" in the header. A waiting process tries at least once in kLongestNap, so that the time
// that a dead one wrote is soon too old to count.
void LockFile::give_way() const {
  constexpr std::int64_t kRecent = 2 * std::chrono::nanoseconds(kLongestNap).count();
  const std::int64_t now = steady_time();
  if (now - released_at_ < kRecent &&
      now - page_->waited_at.load(std::memory_order_relaxed) < kRecent) {
    std::this_thread::sleep_for(kGiveWay);
  }
}

Result<void> LockFile::lock_file(std::chrono::milliseconds limit) {
  give_way();
  MATRICULA_CHECK(wait_for_lock(limit));
  if (Result<void> in_place = check_in_place(); !in_place) {
    set_lock(descriptor_, F_UNLCK);
    return in_place;
  }
  if (generation() % 2 == 1) {
    page_->generation.fetch_add(1, std::memory_order_seq_cst);
  }
  return {};
}

void LockFile::release() {
  released_at_ = steady_time();
  set_lock(descriptor_, F_UNLCK);
  {
    const std::lock_guard guard(mutex_);
    held_ = false;
  }
  freed_.notify_one();
}

void LockFile::begin_commit() {
  const std::uint64_t before = page_->generation.fetch_add(1, std::memory_order_seq_cst);
  MATRICULA_ASSERT(before % 2 == 0);
}

void LockFile::end_commit() {
  const std::uint64_t before = page_->generation.fetch_add(1, std::memory_order_seq_cst);
  MATRICULA_ASSERT(before % 2 == 1);
}

bool LockFile::agrees_on_log(const StoreInodes& inodes) {
  // Nothing is said yet, or of a store whose place this one took.
  if (page_->store.load() != inodes.store) {
    page_->log.store(inodes.log);
    page_->index.store(inodes.index);
    page_->store.store(inodes.store);
  }
  return page_->log.load() == inodes.log && page_->index.load() == inodes.index;
}

void LockFile::forget_log() {
  page_->store.store(0);
}

Result<void> LockFile::check_in_place() const {
  const std::optional<FileId> ours = file_of(descriptor_);
  if (!ours || file_at(path_) != ours) {
    return fail(moved_error(path_));
  }
  return {};
}

}  // namespace matricula::storage::sqlite
