#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spool/spool.h"

namespace matricula::execution {

// Where the bytes of answers are while they are made. Without a budget memory is not counted,
// without a spool everything stays in memory.
struct AnswerPlaces {
  spool::Budget* memory = nullptr;
  std::shared_ptr<spool::Spool> spool = nullptr;
};

// The bounds of one request's answer.
struct AnswerBounds {
  spool::Owner owner = 0;
  std::size_t bytes_max = 64 * 1024 * 1024;                             // of the whole answer
  std::chrono::nanoseconds deadline = std::chrono::nanoseconds::max();  // Clock::monotonic()
  const std::atomic<bool>* cancelled = nullptr;  // set when the client has gone
  // How long it may wait for memory or disk space that other answers hold, before it fails.
  std::chrono::milliseconds room_wait{0};
};

// The text of one answer after another, counted while it is written. A small part of it is in
// memory; the rest goes to the spool. Keeps its buffers; one thread at a time.
class Answer {
 public:
  // Bytes of text in memory beyond which it moves to the spool.
  static constexpr std::size_t kMemoryBytes = 512 * 1024;

  // `clock` must outlive it.
  Answer(const Clock& clock, AnswerPlaces places) : clock_(clock), places_(std::move(places)) {}

  // Drops what was written.
  void begin(const AnswerBounds& bounds);

  // The end of the answer, to append to.
  std::string& text() { return main_.text; }

  // Makes room for so many bytes more, within reason, so that the text need not move while they are
  // appended.
  void expect(std::size_t bytes);

  // To be called after every part that was appended: counts it, and waits for room where there is
  // none. Fails with kLimitExceeded beyond `bytes_max`, kUnavailable where there is still no room
  // or the client has gone, and kTimeout beyond the deadline. `advice` tells the client how to ask
  // for less.
  Result<void> settle(std::string_view advice);

  // Fails with kTimeout beyond the deadline, and with kUnavailable where the client has gone: for
  // work that is about to begin. Gives way to threads that wait for this processor.
  Result<void> check_wanted() const;

  // Lists whose rows are written while they are read, before their place in the answer has come.
  // With `reversed` the rows of each list are placed last first.
  void begin_lists(std::size_t count, bool reversed);
  // The list, to append one row to.
  std::string& begin_row(std::size_t list);
  // As settle(), of the row.
  Result<void> end_row(std::size_t list, std::string_view advice);
  // Appends the rows of the list to the answer, with commas between them.
  Result<void> place_list(std::size_t list);

  // Drops all that was written, and counts again from nothing: for an error in its place.
  void drop();

  // The whole answer. Afterwards nothing is written before begin().
  spool::StoredBytes take();

 private:
  // Text with a comma before each row, behind what went to the spool.
  struct Section {
    std::string text = {};
    std::size_t counted = 0;             // of the text
    std::vector<std::size_t> ends = {};  // of its rows, where they are reversed
    std::vector<spool::Extent> extents = {};

    void clear();
  };

  Result<void> count(Section& section, std::string_view advice);
  Result<void> make_room();
  template <typename HasRoom>
  void wait_for_room(const HasRoom& has_room) const;
  bool is_cancelled() const;
  Result<void> spill();
  Result<void> spill(Section& section, bool reversed);
  void reverse(Section& section);

  const Clock& clock_;
  const AnswerPlaces places_;
  AnswerBounds bounds_;
  Section main_;
  std::vector<Section> lists_;
  bool reversed_ = false;
  std::string scratch_;
  std::shared_ptr<spool::SpoolFile> file_;
  spool::Lease lease_;
  std::size_t total_ = 0;      // bytes of the answer so far
  std::size_t in_memory_ = 0;  // those of them in memory
  unsigned settled_ = 0;
  std::size_t expected_ = 4'096;  // about what the last answers took
};

}  // namespace matricula::execution
