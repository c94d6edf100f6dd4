#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/waker.h"
#include "spool/spool.h"

namespace matricula::http {

// What a source has next.
struct Piece {
  enum class State {
    kBytes,   // `bytes`, not empty
    kLater,   // nothing yet: the waker is woken when it is worth asking again
    kEnd,     // everything was given
    kFailed,  // the rest cannot be made: the connection is closed, so that the client notices
  };
  State state = State::kEnd;
  std::string_view bytes = {};
};

// The source of one body, which its connection reads as fast as the client does. Called on the
// loop's thread, or on one thread at a time; no call may wait, nor work for long. Destroyed early
// when the client goes away: the producer of the bytes must stop then.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // How many bytes come in all, where that is known before the first.
  virtual std::optional<std::uint64_t> length() const = 0;

  // Bytes that come next, without using them up: asked again, it gives the same ones and perhaps
  // more. They are in memory of the source's own, or were read into `room`; they hold until the
  // next call, or until `room` is used for something else.
  virtual Piece peek(std::span<char> room, const std::shared_ptr<Waker>& waker) = 0;

  // The first `count` bytes that peek() gave are used up.
  virtual void consume(std::size_t count) = 0;

  // The client reads slowly: bytes in memory move to the spool, or are counted. False when neither
  // has room: the connection is closed then.
  [[nodiscard]] virtual bool park() { return true; }
};

// Bytes in memory. When it is parked, the unread ones move to `spool`, where that has room, and the
// lease is released; else the lease grows to cover them.
std::unique_ptr<BodySource> text_body(std::string text, spool::Lease lease = {},
                                      std::shared_ptr<spool::Spool> spool = nullptr,
                                      spool::Owner owner = 0);

// Bytes that live as long as `owner` does; as long as the program where that is null.
std::unique_ptr<BodySource> view_body(std::string_view bytes,
                                      std::shared_ptr<const void> owner = nullptr);

// A spool file from `offset` on, followed while it grows, without a known length; fails where the
// file is abandoned.
std::unique_ptr<BodySource> spool_body(std::shared_ptr<const spool::SpoolFile> file,
                                       std::uint64_t offset = 0);

// `length` bytes of a spool file from `offset`. The file may still grow towards them.
std::unique_ptr<BodySource> spool_body(std::shared_ptr<const spool::SpoolFile> file,
                                       std::uint64_t offset, std::uint64_t length);

// Complete bytes; parked as those of text_body().
std::unique_ptr<BodySource> stored_body(spool::StoredBytes bytes,
                                        std::shared_ptr<spool::Spool> spool = nullptr,
                                        spool::Owner owner = 0);

}  // namespace matricula::http
