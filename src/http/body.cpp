#include "http/body.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace matricula::http {
namespace {

constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

class ViewBody final : public BodySource {
 public:
  ViewBody(std::string_view bytes, std::shared_ptr<const void> owner)
      : bytes_(bytes), length_(bytes.size()), owner_(std::move(owner)) {}

  std::optional<std::uint64_t> length() const override { return length_; }
  Piece peek(std::span<char>, const std::shared_ptr<Waker>&) override {
    return {.state = bytes_.empty() ? Piece::State::kEnd : Piece::State::kBytes, .bytes = bytes_};
  }
  void consume(std::size_t count) override { bytes_.remove_prefix(count); }

 private:
  std::string_view bytes_;  // what is left of them
  const std::size_t length_;
  const std::shared_ptr<const void> owner_;
};

class SpoolBody final : public BodySource {
 public:
  SpoolBody(std::shared_ptr<const spool::SpoolFile> file, std::uint64_t offset,
            std::uint64_t length)
      : file_(std::move(file)), offset_(offset), left_(length), length_(length) {}

  std::optional<std::uint64_t> length() const override {
    return length_ == kNoEnd ? std::nullopt : std::optional(length_);
  }

  Piece peek(std::span<char> room, const std::shared_ptr<Waker>& waker) override {
    if (left_ == 0) {
      return {.state = Piece::State::kEnd};
    }
    const std::span<char> part = room.first(std::min<std::uint64_t>(room.size(), left_));
    while (true) {
      // Read before the bytes are: those that are appended before the end must not be missed.
      const spool::SpoolFile::State state = file_->state();
      const auto count = file_->read(offset_, part);
      if (!count) {
        return {.state = Piece::State::kFailed};
      }
      if (*count != 0) {
        return {.state = Piece::State::kBytes, .bytes = {part.data(), *count}};
      }
      switch (state) {
        case spool::SpoolFile::State::kFinished:
          return {.state = length_ == kNoEnd ? Piece::State::kEnd : Piece::State::kFailed};
        case spool::SpoolFile::State::kAbandoned:
          return {.state = Piece::State::kFailed};
        case spool::SpoolFile::State::kGrowing:
          break;
      }
      if (!file_->is_ready(offset_, waker)) {
        return {.state = Piece::State::kLater};
      }
    }
  }

  void consume(std::size_t count) override {
    offset_ += count;
    if (left_ != kNoEnd) {
      left_ -= count;
    }
  }

 private:
  const std::shared_ptr<const spool::SpoolFile> file_;
  std::uint64_t offset_;
  std::uint64_t left_;
  const std::uint64_t length_;
};

// Text in memory behind extents of a spool file.
class StoredBody final : public BodySource {
 public:
  StoredBody(spool::StoredBytes bytes, std::shared_ptr<spool::Spool> spool, spool::Owner owner)
      : bytes_(std::move(bytes)), spool_(std::move(spool)), owner_(owner), length_(bytes_.size()) {}

  std::optional<std::uint64_t> length() const override { return length_; }

  Piece peek(std::span<char> room, const std::shared_ptr<Waker>&) override {
    if (extent_ < bytes_.extents.size()) {
      const spool::Extent& extent = bytes_.extents[extent_];
      const std::uint64_t left = extent.length - used_;
      const auto count = bytes_.file->read(extent.offset + used_,
                                           room.first(std::min<std::uint64_t>(room.size(), left)));
      if (!count || *count == 0) {
        return {.state = Piece::State::kFailed};
      }
      return {.state = Piece::State::kBytes, .bytes = {room.data(), *count}};
    }
    if (used_ == bytes_.text.size()) {
      return {.state = Piece::State::kEnd};
    }
    return {.state = Piece::State::kBytes, .bytes = std::string_view(bytes_.text).substr(used_)};
  }

  void consume(std::size_t count) override {
    used_ += count;
    if (extent_ < bytes_.extents.size() && used_ == bytes_.extents[extent_].length) {
      ++extent_;
      used_ = 0;
    }
  }

  bool park() override {
    const std::size_t used = in_text() ? used_ : 0;
    const std::size_t left = bytes_.text.size() - used;
    if (spool_ != nullptr && left >= kParkedBytesMin && move_text(used)) {
      return true;
    }
    return bytes_.lease.bytes() >= left || bytes_.lease.resize(left);
  }

 private:
  // Less is not worth a block of the spool.
  static constexpr std::size_t kParkedBytesMin = 16 * 1024;

  bool in_text() const { return extent_ == bytes_.extents.size(); }

  // Into the spool, from `used` on; false where that has no room.
  bool move_text(std::size_t used) {
    if (bytes_.file == nullptr) {
      bytes_.file = spool_->create(owner_);
    }
    const spool::Extent extent{.offset = bytes_.file->size(), .length = bytes_.text.size() - used};
    if (!bytes_.file->append(std::string_view(bytes_.text).substr(used))) {
      return false;
    }
    if (in_text()) {
      used_ = 0;
    }
    bytes_.extents.push_back(extent);
    bytes_.text = std::string();
    bytes_.lease.reset();
    return true;
  }

  spool::StoredBytes bytes_;
  const std::shared_ptr<spool::Spool> spool_;
  const spool::Owner owner_;
  const std::uint64_t length_;
  std::size_t extent_ = 0;  // the one being read; beyond the last: the text
  std::uint64_t used_ = 0;  // of the extent, or of the text
};

}  // namespace

std::unique_ptr<BodySource> text_body(std::string text, spool::Lease lease,
                                      std::shared_ptr<spool::Spool> spool, spool::Owner owner) {
  return std::make_unique<StoredBody>(
      spool::StoredBytes{.text = std::move(text), .lease = std::move(lease)}, std::move(spool),
      owner);
}

std::unique_ptr<BodySource> view_body(std::string_view bytes, std::shared_ptr<const void> owner) {
  return std::make_unique<ViewBody>(bytes, std::move(owner));
}

std::unique_ptr<BodySource> spool_body(std::shared_ptr<const spool::SpoolFile> file,
                                       std::uint64_t offset) {
  return std::make_unique<SpoolBody>(std::move(file), offset, kNoEnd);
}

std::unique_ptr<BodySource> spool_body(std::shared_ptr<const spool::SpoolFile> file,
                                       std::uint64_t offset, std::uint64_t length) {
  return std::make_unique<SpoolBody>(std::move(file), offset, length);
}

std::unique_ptr<BodySource> stored_body(spool::StoredBytes bytes,
                                        std::shared_ptr<spool::Spool> spool, spool::Owner owner) {
  return std::make_unique<StoredBody>(std::move(bytes), std::move(spool), owner);
}

}  // namespace matricula::http
