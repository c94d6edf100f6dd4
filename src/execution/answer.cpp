#include "execution/answer.h"

#include <algorithm>
#include <fmt/format.h>
#include <thread>

#include "base/thread_priority.h"

namespace matricula::execution {
namespace {

// Memory is leased in steps, and not at all for small answers: at most one for each thread is being
// made.
constexpr std::size_t kLeaseStep = 64 * 1024;
constexpr std::size_t kUncountedBytes = 32 * 1024;
// Buffers up to this size are kept for the next answer.
constexpr std::size_t kKeptBytes = 64 * 1024;
constexpr std::size_t kExpectedBytesMin = 4'096;
constexpr std::size_t kExpectedBytesMax = 256 * 1024;
// Parts between two looks at the clock.
constexpr unsigned kPartsPerCheck = 16;
// The pause between two checks for room that other answers gave back.
constexpr std::chrono::milliseconds kRoomNap{5};

// A buffer grows by doubling, so it may have twice the capacity that its text needs.
std::uint64_t lease_for(std::size_t text_bytes) {
  return (2 * text_bytes / kLeaseStep + 1) * kLeaseStep;
}

void empty(std::string& buffer) {
  if (buffer.capacity() > kKeptBytes) {
    buffer = std::string();
  } else {
    buffer.clear();
  }
}

}  // namespace

void Answer::Section::clear() {
  empty(text);
  counted = 0;
  ends.clear();
  extents.clear();
}

void Answer::begin(const AnswerBounds& bounds) {
  bounds_ = bounds;
  drop();
  settled_ = 0;
  lease_ = spool::Lease(places_.memory, bounds.owner);
  main_.text.reserve(expected_);
}

void Answer::drop() {
  main_.clear();
  for (Section& list : lists_) {
    list.clear();
  }
  file_.reset();
  lease_.reset();
  total_ = 0;
  in_memory_ = 0;
}

void Answer::expect(std::size_t bytes) {
  main_.text.reserve(main_.text.size() + std::min(bytes, kExpectedBytesMax));
}

Result<void> Answer::settle(std::string_view advice) {
  return count(main_, advice);
}

Result<void> Answer::count(Section& section, std::string_view advice) {
  const std::size_t grown = section.text.size() - section.counted;
  section.counted = section.text.size();
  total_ += grown;
  in_memory_ += grown;
  if (total_ > bounds_.bytes_max) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("The answer would be larger than {} bytes, the limit "
                            "\"response-bytes\" of this server. {}",
                            bounds_.bytes_max, advice));
  }
  if (in_memory_ > kUncountedBytes) {
    MATRICULA_CHECK(make_room());
  }
  return ++settled_ % kPartsPerCheck == 0 ? check_wanted() : Result<void>();
}

Result<void> Answer::make_room() {
  if (in_memory_ > kMemoryBytes && places_.spool != nullptr) {
    return spill();
  }
  if (lease_for(in_memory_) <= lease_.bytes() || lease_.resize(lease_for(in_memory_))) {
    return {};
  }
  if (places_.spool != nullptr) {
    return spill();
  }
  wait_for_room([this] { return lease_.resize(lease_for(in_memory_)); });
  if (lease_for(in_memory_) <= lease_.bytes()) {
    return {};
  }
  return fail(ErrorCode::kUnavailable,
              "The server holds too many large answers that are not read yet; try again later.",
              {.internal = "the memory for answers is used up (--response-memory)"});
}

// The naps are summed up, not measured, so that the wait ends whatever the clock does.
template <typename HasRoom>
void Answer::wait_for_room(const HasRoom& has_room) const {
  for (std::chrono::milliseconds waited{0};
       !has_room() && waited < bounds_.room_wait && clock_.monotonic() < bounds_.deadline &&
       !is_cancelled();
       waited += kRoomNap) {
    std::this_thread::sleep_for(kRoomNap);
  }
}

bool Answer::is_cancelled() const {
  return bounds_.cancelled != nullptr && bounds_.cancelled->load(std::memory_order_relaxed);
}

Result<void> Answer::check_wanted() const {
  give_way();
  if (is_cancelled()) {
    return fail(ErrorCode::kUnavailable, "The client has gone away.");
  }
  if (bounds_.deadline != std::chrono::nanoseconds::max() &&
      clock_.monotonic() >= bounds_.deadline) {
    return fail(ErrorCode::kTimeout, "The request took longer than its limit.",
                {.internal = "the deadline passed while the answer was written"});
  }
  return {};
}

// Everything in memory goes to the spool.
Result<void> Answer::spill() {
  wait_for_room([this] { return places_.spool->budget().has_room(bounds_.owner, in_memory_); });
  if (file_ == nullptr) {
    file_ = places_.spool->create(bounds_.owner);
  }
  MATRICULA_CHECK(spill(main_, false));
  for (Section& list : lists_) {
    MATRICULA_CHECK(spill(list, reversed_));
  }
  lease_.reset();
  return {};
}

Result<void> Answer::spill(Section& section, bool reversed) {
  if (section.text.empty()) {
    return {};
  }
  if (reversed) {
    reverse(section);
  }
  const spool::Extent extent{.offset = file_->size(), .length = section.text.size()};
  MATRICULA_CHECK(file_->append(section.text));
  section.extents.push_back(extent);
  in_memory_ -= section.counted;
  empty(section.text);
  section.counted = 0;
  section.ends.clear();
  return {};
}

// The rows of the text, last first.
void Answer::reverse(Section& section) {
  scratch_.clear();
  scratch_.reserve(section.text.size());
  for (std::size_t row = section.ends.size(); row-- > 0;) {
    const std::size_t begin = row == 0 ? 0 : section.ends[row - 1];
    scratch_.append(section.text, begin, section.ends[row] - begin);
  }
  std::swap(scratch_, section.text);
  empty(scratch_);
}

void Answer::begin_lists(std::size_t count, bool reversed) {
  reversed_ = reversed;
  if (lists_.size() < count) {
    lists_.resize(count);
  }
  for (Section& list : lists_) {
    list.clear();
  }
}

std::string& Answer::begin_row(std::size_t list) {
  lists_[list].text += ',';
  return lists_[list].text;
}

Result<void> Answer::end_row(std::size_t list, std::string_view advice) {
  Section& section = lists_[list];
  if (reversed_) {
    section.ends.push_back(section.text.size());
  }
  return count(section, advice);
}

Result<void> Answer::place_list(std::size_t list) {
  Section& section = lists_[list];
  if (section.extents.empty()) {
    if (reversed_) {
      reverse(section);
    }
    // The first row has a comma before it, too.
    main_.text.append(section.text, section.text.empty() ? 0 : 1);
    main_.counted += section.counted;
    section.clear();
    return {};
  }
  MATRICULA_CHECK(spill(main_, false));
  std::string rest;
  if (reversed_) {
    MATRICULA_CHECK(spill(section, true));
    std::ranges::reverse(section.extents);
  } else {
    rest = std::move(section.text);
  }
  spool::Extent& first = section.extents.front();
  ++first.offset;
  --first.length;
  main_.extents.insert(main_.extents.end(), section.extents.begin(), section.extents.end());
  main_.text = std::move(rest);
  main_.counted = section.counted;
  section.clear();
  return {};
}

spool::StoredBytes Answer::take() {
  expected_ = std::clamp(total_ + total_ / 4, kExpectedBytesMin, kExpectedBytesMax);
  return spool::StoredBytes{.file = std::move(file_),
                            .extents = std::move(main_.extents),
                            .text = std::move(main_.text),
                            .lease = std::move(lease_)};
}

}  // namespace matricula::execution
