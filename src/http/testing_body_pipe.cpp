#include "http/testing_body_pipe.h"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace matricula::http {

struct BodyWriter::Pipe {
  explicit Pipe(std::size_t max) : bytes_max(max) {}

  const std::size_t bytes_max;
  std::mutex mutex;
  std::condition_variable room;
  std::deque<std::string> waiting;  // its first stays in place until it is used up
  std::size_t bytes = 0;            // of all that waits, as it was written
  Piece::State then = Piece::State::kLater;
  bool cancelled = false;
  std::weak_ptr<Waker> waker;
};

class BodyWriter::Source final : public BodySource {
 public:
  Source(std::shared_ptr<Pipe> pipe, std::optional<std::uint64_t> length)
      : pipe_(std::move(pipe)), length_(length) {}
  ~Source() override {
    const std::lock_guard lock(pipe_->mutex);
    pipe_->cancelled = true;
    pipe_->room.notify_all();
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  std::optional<std::uint64_t> length() const override { return length_; }

  Piece peek(std::span<char>, const std::shared_ptr<Waker>& waker) override {
    const std::lock_guard lock(pipe_->mutex);
    if (!pipe_->waiting.empty()) {
      return {.state = Piece::State::kBytes,
              .bytes = std::string_view(pipe_->waiting.front()).substr(used_)};
    }
    if (pipe_->then == Piece::State::kLater) {
      pipe_->waker = waker;
    }
    return {.state = pipe_->then};
  }

  void consume(std::size_t count) override {
    const std::lock_guard lock(pipe_->mutex);
    used_ += count;
    if (used_ == pipe_->waiting.front().size()) {
      pipe_->bytes -= used_;
      used_ = 0;
      pipe_->waiting.pop_front();
      pipe_->room.notify_all();
    }
  }

 private:
  const std::shared_ptr<Pipe> pipe_;
  const std::optional<std::uint64_t> length_;
  std::size_t used_ = 0;  // of the first that waits
};

namespace {

void wake(const std::weak_ptr<Waker>& waiting) {
  if (const auto waker = waiting.lock()) {
    waker->wake();
  }
}

}  // namespace

BodyWriter::~BodyWriter() {
  if (!pipe_) {
    return;
  }
  std::weak_ptr<Waker> waker;
  {
    const std::lock_guard lock(pipe_->mutex);
    if (pipe_->then == Piece::State::kLater) {
      pipe_->then = Piece::State::kFailed;
    }
    waker = std::move(pipe_->waker);
  }
  wake(waker);
}

bool BodyWriter::write(std::string bytes) {
  if (bytes.empty()) {
    return !is_cancelled();
  }
  std::weak_ptr<Waker> waker;
  {
    std::unique_lock lock(pipe_->mutex);
    pipe_->room.wait(lock, [this] { return pipe_->cancelled || pipe_->bytes < pipe_->bytes_max; });
    if (pipe_->cancelled) {
      return false;
    }
    pipe_->bytes += bytes.size();
    pipe_->waiting.push_back(std::move(bytes));
    waker = std::move(pipe_->waker);
  }
  wake(waker);
  return true;
}

void BodyWriter::finish() {
  std::weak_ptr<Waker> waker;
  {
    const std::lock_guard lock(pipe_->mutex);
    pipe_->then = Piece::State::kEnd;
    waker = std::move(pipe_->waker);
  }
  wake(waker);
}

bool BodyWriter::is_cancelled() const {
  const std::lock_guard lock(pipe_->mutex);
  return pipe_->cancelled;
}

std::pair<BodyWriter, std::unique_ptr<BodySource>> make_body_pipe(
    std::size_t bytes_max, std::optional<std::uint64_t> length) {
  auto pipe = std::make_shared<BodyWriter::Pipe>(bytes_max);
  auto source = std::make_unique<BodyWriter::Source>(pipe, length);
  return {BodyWriter(std::move(pipe)), std::move(source)};
}

}  // namespace matricula::http
