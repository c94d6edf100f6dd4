#include "base/log_writer.h"

#include <climits>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/within_memory.h"

namespace matricula {

struct LogWriter::State {
  State(int descriptor, std::size_t bytes_max, Notice make_notice)
      : fd(descriptor), queue_bytes_max(bytes_max), notice(std::move(make_notice)) {}

  const int fd;
  const std::size_t queue_bytes_max;

  std::mutex mutex;                 // guards all below
  std::condition_variable changed;  // lines came, or it is closing
  std::condition_variable ended;    // the thread has written everything
  const Notice notice;
  std::vector<std::string> lines;
  std::size_t bytes = 0;  // queued, those being written included
  std::uint64_t dropped = 0;
  bool is_closing = false;
  bool is_abandoned = false;  // the writer is gone: `notice` must not be called
  bool has_ended = false;

  void run();

 private:
  std::string take_notice(std::uint64_t& counted);
  bool write_batch(const std::vector<std::string>& batch);
  bool write_chunk(std::string_view text);
  bool write_all_of(std::string_view& text);
  bool write_notice(std::string_view line);
  void drop(std::uint64_t count);

  bool is_line_open = false;  // a line was written without its end; for the thread alone
};

namespace {

// How often a write that waits for the reader looks whether it is abandoned.
constexpr std::chrono::milliseconds kPatience{100};

// Lines are written together up to the size that a pipe takes in one piece.
constexpr std::size_t kChunkBytes = PIPE_BUF;

}  // namespace

void LogWriter::State::run() {
  std::unique_lock lock(mutex);
  while (!is_abandoned) {
    changed.wait(lock, [this] { return !lines.empty() || is_closing; });
    if (lines.empty()) {
      break;
    }
    const std::vector<std::string> batch = std::exchange(lines, {});
    const std::size_t batch_bytes = bytes;
    std::uint64_t counted = 0;
    const std::string notice_line = take_notice(counted);
    lock.unlock();
    const bool is_noticed = write_notice(notice_line);
    bool goes_on = true;
    if (!run_within_memory([&] { goes_on = write_batch(batch); })) {
      drop(batch.size());
    }
    lock.lock();
    bytes -= batch_bytes;
    dropped += is_noticed ? 0 : counted;
    if (!goes_on) {
      break;
    }
  }
  std::uint64_t counted = 0;
  if (const std::string notice_line = take_notice(counted); !notice_line.empty()) {
    lock.unlock();
    write_notice(notice_line);
    lock.lock();
  }
  has_ended = true;
  ended.notify_all();
}

// The line that names how many lines were dropped, and their number; empty for none. Precondition:
// the mutex is locked.
std::string LogWriter::State::take_notice(std::uint64_t& counted) {
  std::string line;
  const bool is_made =
      dropped == 0 || is_abandoned || run_within_memory([&] { line = notice(dropped); });
  counted = is_made ? std::exchange(dropped, 0) : 0;
  return line;
}

void LogWriter::State::drop(std::uint64_t count) {
  const std::lock_guard lock(mutex);
  dropped += count;
}

// Whether the thread is to go on; lines that could not be written are counted.
bool LogWriter::State::write_batch(const std::vector<std::string>& batch) {
  std::string chunk;
  std::uint64_t lines_in_chunk = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    chunk += batch[i];
    ++lines_in_chunk;
    const bool is_last = i + 1 == batch.size();
    if (!is_last && chunk.size() + batch[i + 1].size() <= kChunkBytes) {
      continue;
    }
    if (!write_chunk(chunk)) {
      drop(lines_in_chunk);
    }
    chunk.clear();
    lines_in_chunk = 0;
  }
  const std::lock_guard lock(mutex);
  return !is_abandoned;
}

// Lines after one of which a part was written, such as on a disk that is full, begin on their own.
bool LogWriter::State::write_chunk(std::string_view text) {
  const std::string on_its_own = is_line_open ? "\n" + std::string(text) : std::string();
  const std::string_view chunk = is_line_open ? on_its_own : text;
  std::string_view rest = chunk;
  const bool is_written = write_all_of(rest);
  if (rest.size() < chunk.size()) {
    is_line_open = chunk[chunk.size() - rest.size() - 1] != '\n';
  }
  return is_written;
}

bool LogWriter::State::write_all_of(std::string_view& text) {
  while (true) {
    const Result<void> written = write_within(fd, text, kPatience);
    if (written) {
      return true;
    }
    const std::lock_guard lock(mutex);
    if (is_abandoned || written.error().code != ErrorCode::kTimeout) {
      return false;
    }
  }
}

// Whether the line was written; one that is empty is.
bool LogWriter::State::write_notice(std::string_view line) {
  bool is_written = line.empty();
  run_within_memory([&] { is_written = is_written || write_chunk(line); });
  return is_written;
}

LogWriter::LogWriter(int fd, std::size_t queue_bytes_max, Notice notice)
    : state_(std::make_shared<State>(fd, queue_bytes_max, std::move(notice))),
      thread_([state = state_] { state->run(); }) {}

LogWriter::~LogWriter() {
  bool has_ended = false;
  {
    std::unique_lock lock(state_->mutex);
    state_->is_closing = true;
    state_->changed.notify_all();
    has_ended = state_->ended.wait_for(lock, kFinish, [this] { return state_->has_ended; });
    state_->is_abandoned = !has_ended;
  }
  if (has_ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void LogWriter::write(std::string line) {
  const std::lock_guard lock(state_->mutex);
  if (state_->bytes + line.size() > state_->queue_bytes_max) {
    ++state_->dropped;
    return;
  }
  state_->bytes += line.size();
  state_->lines.push_back(std::move(line));
  state_->changed.notify_one();
}

}  // namespace matricula
