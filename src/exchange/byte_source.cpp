#include "exchange/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/assert.h"
#include "exchange/limits.h"

namespace matricula::exchange {
namespace {

constexpr std::size_t kPackedBytes = 128 * 1024;

class PlainFile final : public ByteSource {
 public:
  PlainFile(std::string path, int file, std::uint64_t size)
      : path_(std::move(path)), file_(file), size_(size) {}
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() override {
    if (file_ >= 0) {
      ::close(file_);
    }
  }

  Result<std::size_t> read(std::span<char> out) override {
    for (;;) {
      const ssize_t count = ::read(file_, out.data(), out.size());
      if (count >= 0) {
        bytes_read_ += static_cast<std::uint64_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) {
        return fail(ErrorCode::kIo,
                    fmt::format("{} cannot be read: {}.", path_, std::strerror(errno)));
      }
    }
  }
  std::uint64_t bytes_read() const override { return bytes_read_; }
  std::uint64_t bytes_total() const override { return size_; }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const int file_;
  const std::uint64_t size_;
  std::uint64_t bytes_read_ = 0;
};

// The common part of gzip and Zstandard: a buffer of packed bytes, refilled when it is empty.
class PackedFile : public ByteSource {
 public:
  explicit PackedFile(std::unique_ptr<PlainFile> file)
      : file_(std::move(file)), packed_(kPackedBytes) {}
  std::uint64_t bytes_read() const override { return file_->bytes_read(); }
  std::uint64_t bytes_total() const override { return file_->bytes_total(); }

 protected:
  tl::unexpected<Error> damaged(std::string_view what) const {
    return fail(ErrorCode::kCorrupt, fmt::format("{} {}.", file_->path(), what));
  }
  // The next packed bytes; none at the end.
  Result<std::span<char>> refill() {
    MATRICULA_TRY(const std::size_t count, file_->read(packed_));
    return std::span<char>(packed_.data(), count);
  }

 private:
  std::unique_ptr<PlainFile> file_;
  std::vector<char> packed_;
};

class GzipFile final : public PackedFile {
 public:
  explicit GzipFile(std::unique_ptr<PlainFile> file) : PackedFile(std::move(file)) {
    constexpr int kGzipOnly = 16;
    const int code = inflateInit2(&stream_, MAX_WBITS + kGzipOnly);
    MATRICULA_ASSERT(code == Z_OK);
  }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;
  ~GzipFile() override { inflateEnd(&stream_); }

  Result<std::size_t> read(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    while (stream_.avail_out == out.size()) {
      if (stream_.avail_in == 0) {
        MATRICULA_TRY(const std::span<char> packed, refill());
        if (packed.empty()) {
          if (is_in_member_) {
            return damaged("ends in the middle of its gzip data");
          }
          return 0;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(packed.data());
        stream_.avail_in = static_cast<uInt>(packed.size());
      }
      // A file may hold several members, one after another: RFC 1952, section 2.2. Behind the last
      // one gzip passes over zeros, which tapes and block devices fill up with.
      if (!is_in_member_ && (is_padding_ || *stream_.next_in == 0)) {
        const std::span<const Bytef> rest(stream_.next_in, stream_.avail_in);
        if (std::ranges::any_of(rest, [](Bytef byte) { return byte != 0; })) {
          return damaged("has bytes behind its gzip data that are no gzip data");
        }
        is_padding_ = true;
        stream_.avail_in = 0;
        continue;
      }
      if (!is_in_member_ && inflateReset(&stream_) != Z_OK) {
        return damaged("has gzip data that cannot be unpacked");
      }
      is_in_member_ = true;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) {
        is_in_member_ = false;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return damaged("is not gzip data or is damaged");
      }
    }
    return out.size() - stream_.avail_out;
  }

 private:
  z_stream stream_ = {};
  bool is_in_member_ = true;  // an empty file is not gzip data
  bool is_padding_ = false;   // zeros behind the last member have come
};

class ZstdFile final : public PackedFile {
 public:
  explicit ZstdFile(std::unique_ptr<PlainFile> file)
      : PackedFile(std::move(file)), stream_(ZSTD_createDStream()) {
    MATRICULA_ASSERT(stream_ != nullptr);
    const std::size_t code =
        ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    MATRICULA_ASSERT(ZSTD_isError(code) == 0);
  }

  Result<std::size_t> read(std::span<char> out) override {
    ZSTD_outBuffer unpacked = {out.data(), out.size(), 0};
    while (unpacked.pos == 0) {
      // A full output may have left unpacked bytes inside the stream: only then is it asked again
      // without new input.
      if (input_.pos == input_.size && !may_hold_more_) {
        MATRICULA_TRY(const std::span<char> packed, refill());
        if (packed.empty()) {
          if (!is_at_frame_end_) {
            return damaged("ends in the middle of its Zstandard data");
          }
          return 0;
        }
        input_ = {packed.data(), packed.size(), 0};
      }
      const std::size_t code = ZSTD_decompressStream(stream_.get(), &unpacked, &input_);
      if (ZSTD_isError(code) != 0) {
        if (is_window_error(code)) {
          return damaged(fmt::format(
              "needs a window of more than {} MiB to unpack; pack it with zstd -19 or less and "
              "without --long",
              (1 << kZstdWindowLogMax) / (1024 * 1024)));
        }
        return damaged("is not Zstandard data or is damaged");
      }
      is_at_frame_end_ = code == 0;
      may_hold_more_ = code != 0 && unpacked.pos == unpacked.size;
    }
    return unpacked.pos;
  }

 private:
  static bool is_window_error(std::size_t code) {
    return ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge;
  }
  struct Free {
    void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  ZSTD_inBuffer input_ = {};
  bool may_hold_more_ = false;
  bool is_at_frame_end_ = false;  // an empty file is not Zstandard data
};

}  // namespace

std::unique_ptr<ByteSource> standard_input() {
  const int file = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  return std::make_unique<PlainFile>("standard input", file, 0);
}

Result<std::unique_ptr<ByteSource>> open_source(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("{} cannot be opened: {}.", path, std::strerror(errno)));
  }
  struct stat status = {};
  if (::fstat(file, &status) != 0 || S_ISDIR(status.st_mode)) {
    ::close(file);
    return fail(ErrorCode::kIo, fmt::format("{} is not a file.", path));
  }
  const auto size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  auto plain = std::make_unique<PlainFile>(path, file, size);
  if (path.ends_with(".gz")) {
    return std::make_unique<GzipFile>(std::move(plain));
  }
  if (path.ends_with(".zst")) {
    return std::make_unique<ZstdFile>(std::move(plain));
  }
  return plain;
}

}  // namespace matricula::exchange
