#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/body.h"

namespace matricula::http {

// For tests. The end of a pipe that a producer on a thread of its own writes to. Move-only, one
// thread at a time. Destroyed without finish(), the body is incomplete and the client's connection
// is closed.
class BodyWriter {
 public:
  ~BodyWriter();
  BodyWriter(BodyWriter&&) noexcept = default;
  BodyWriter& operator=(BodyWriter&&) = delete;
  BodyWriter(const BodyWriter&) = delete;
  BodyWriter& operator=(const BodyWriter&) = delete;

  // Sends bytes to the body; blocks while more than the pipe's bound wait to be sent. False when
  // the client has gone away: the producer should stop.
  [[nodiscard]] bool write(std::string bytes);
  void finish();
  // Whether the client has gone away; for a producer that works long between two writes.
  bool is_cancelled() const;

 private:
  struct Pipe;
  class Source;
  friend std::pair<BodyWriter, std::unique_ptr<BodySource>> make_body_pipe(
      std::size_t, std::optional<std::uint64_t>);
  explicit BodyWriter(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  std::shared_ptr<Pipe> pipe_;
};

// A body that another thread produces: the source gives the bytes that the writer is given, with at
// most `bytes_max` waiting in between. `length`, where given, is the total that the writer writes.
std::pair<BodyWriter, std::unique_ptr<BodySource>> make_body_pipe(
    std::size_t bytes_max, std::optional<std::uint64_t> length = std::nullopt);

}  // namespace matricula::http
