#include "http/compressed_body.h"

#include <atomic>
#include <string>

#include "base/within_memory.h"

namespace matricula::http {
namespace {

constexpr std::size_t kSliceBytes = 64 * 1024;

// Used by the loop's thread alone, and while `busy` by the helper's alone.
struct Stream {
  std::unique_ptr<BodySource> source;
  std::unique_ptr<StreamCompressor> compressor;
  spool::Lease lease;
  std::string room = std::string(kSliceBytes, '\0');
  std::string out = {};
  bool flushed = true;  // nothing was added since the last flush
  Piece::State then = Piece::State::kLater;
  std::atomic<bool> busy = false;
};

class CompressedBody final : public BodySource {
 public:
  CompressedBody(std::unique_ptr<BodySource> source, std::unique_ptr<StreamCompressor> compressor,
                 Helpers& helpers, spool::Lease lease)
      : helpers_(helpers), stream_(std::make_shared<Stream>()) {
    stream_->source = std::move(source);
    stream_->compressor = std::move(compressor);
    stream_->lease = std::move(lease);
  }

  std::optional<std::uint64_t> length() const override { return std::nullopt; }

  Piece peek(std::span<char>, const std::shared_ptr<Waker>& waker) override {
    Stream& stream = *stream_;
    if (stream.busy.load(std::memory_order_acquire)) {
      return {.state = Piece::State::kLater};
    }
    if (used_ < stream.out.size()) {
      return {.state = Piece::State::kBytes, .bytes = std::string_view(stream.out).substr(used_)};
    }
    stream.out.clear();
    used_ = 0;
    if (stream.then != Piece::State::kLater) {
      return {.state = stream.then};
    }
    const Piece piece = stream.source->peek(stream.room, waker);
    switch (piece.state) {
      case Piece::State::kBytes:
        compress(piece.bytes.substr(0, kSliceBytes), StreamCompressor::Then::kMore, waker);
        break;
      case Piece::State::kEnd:
        compress({}, StreamCompressor::Then::kFinish, waker);
        break;
      case Piece::State::kLater:
        // The client gets all bytes so far before the source has more.
        if (!stream.flushed) {
          compress({}, StreamCompressor::Then::kFlush, waker);
        }
        break;
      case Piece::State::kFailed:
        return piece;
    }
    return {.state = Piece::State::kLater};
  }

  void consume(std::size_t count) override { used_ += count; }

  bool park() override {
    return stream_->busy.load(std::memory_order_acquire) || stream_->source->park();
  }

 private:
  // The connection is woken when the slice is done; the source is left alone until then.
  void compress(std::string_view bytes, StreamCompressor::Then then,
                const std::shared_ptr<Waker>& waker) {
    stream_->busy.store(true, std::memory_order_relaxed);
    helpers_.submit([stream = stream_, bytes, then, waker] {
      run(*stream, bytes, then);
      stream->busy.store(false, std::memory_order_release);
      waker->wake();
    });
  }

  static void run(Stream& stream, std::string_view bytes, StreamCompressor::Then then) {
    if (!run_within_memory([&] { stream.compressor->add(bytes, then, stream.out); })) {
      stream.then = Piece::State::kFailed;
      return;
    }
    if (!bytes.empty()) {
      stream.source->consume(bytes.size());
    }
    stream.flushed = then != StreamCompressor::Then::kMore;
    if (then == StreamCompressor::Then::kFinish) {
      stream.then = Piece::State::kEnd;
    }
  }

  Helpers& helpers_;
  const std::shared_ptr<Stream> stream_;
  std::size_t used_ = 0;  // of what came out
};

}  // namespace

std::unique_ptr<BodySource> compressed_body(std::unique_ptr<BodySource> source,
                                            std::unique_ptr<StreamCompressor> compressor,
                                            Helpers& helpers, spool::Lease lease) {
  return std::make_unique<CompressedBody>(std::move(source), std::move(compressor), helpers,
                                          std::move(lease));
}

}  // namespace matricula::http
