#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace matricula::http {

// Deadlines of many connections for the price of a few pointers each: a ring of lists, one list a
// tick. A deadline is kept to within one tick, never early. Not safe to share between threads.
class TimerWheel {
 public:
  // What a member of the wheel carries; must leave it (remove()) before it is destroyed.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    bool in_wheel() const { return next_ != this; }

   private:
    friend class TimerWheel;
    Entry* next_ = this;
    Entry* previous_ = this;
    std::uint64_t due_tick_ = 0;
  };

  TimerWheel(std::chrono::nanoseconds tick, std::chrono::nanoseconds now)
      : tick_(tick), last_tick_(tick_of(now)) {}

  // Puts the entry in, or moves it.
  void set(Entry& entry, std::chrono::nanoseconds due) {
    remove(entry);
    entry.due_tick_ = std::max(tick_of(due) + 1, last_tick_ + 1);
    append(slots_[entry.due_tick_ % kSlots], entry);
  }

  void remove(Entry& entry) {
    entry.next_->previous_ = entry.previous_;
    entry.previous_->next_ = entry.next_;
    entry.next_ = entry.previous_ = &entry;
  }

  // Takes out each entry that is due and calls expired(entry), which may set() or remove() any.
  // Where that throws, the next call goes on with the entries that remain.
  template <typename Expired>
  void advance(std::chrono::nanoseconds now, Expired&& expired) {
    const std::uint64_t now_tick = tick_of(now);
    // After a long pause each slot is still visited once only.
    const std::uint64_t first =
        std::max(last_tick_ + 1, now_tick >= kSlots ? now_tick - kSlots + 1 : std::uint64_t{0});
    Progress progress{.last_tick = last_tick_, .done = first - 1};
    last_tick_ = std::max(last_tick_, now_tick);
    for (std::uint64_t tick = first; tick <= now_tick; ++tick) {
      take_all(slots_[tick % kSlots], [&](Entry& entry) {
        if (entry.due_tick_ > now_tick) {
          append(slots_[entry.due_tick_ % kSlots], entry);
        } else {
          expired(entry);
        }
      });
      progress.done = tick;
    }
  }

  // Calls visit(entry) for every entry; visit must leave the entry in or remove() it, or set() it.
  // Where that throws, all entries are in their places.
  template <typename Visit>
  void for_each(Visit&& visit) {
    Entry all;
    for (Entry& slot : slots_) {
      splice(slot, all);
    }
    take_all(all, [&](Entry& entry) {
      append(slots_[entry.due_tick_ % kSlots], entry);
      visit(entry);
    });
  }

 private:
  static constexpr std::size_t kSlots = 1024;

  // Ends a turn of the wheel with the last tick that was done.
  struct Progress {
    ~Progress() { last_tick = done; }
    std::uint64_t& last_tick;
    std::uint64_t done;
  };

  // Entries that were taken out of their slots; those that are left at the end go back.
  struct Taken {
    explicit Taken(TimerWheel& its_wheel) : wheel(its_wheel) {}
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() {
      while (entries.in_wheel()) {
        Entry& entry = *entries.next_;
        wheel.remove(entry);
        append(wheel.slots_[entry.due_tick_ % kSlots], entry);
      }
    }
    TimerWheel& wheel;
    Entry entries = {};
  };

  std::uint64_t tick_of(std::chrono::nanoseconds time) const {
    return static_cast<std::uint64_t>(time / tick_);
  }

  static void append(Entry& list, Entry& entry) {
    entry.next_ = &list;
    entry.previous_ = list.previous_;
    list.previous_->next_ = &entry;
    list.previous_ = &entry;
  }

  // Moves all of `from` to the end of `to`.
  static void splice(Entry& from, Entry& to) {
    if (from.next_ == &from) {
      return;
    }
    from.next_->previous_ = to.previous_;
    from.previous_->next_ = &to;
    to.previous_->next_ = from.next_;
    to.previous_ = from.previous_;
    from.next_ = from.previous_ = &from;
  }

  // Works on a list of its own, so that entries that `use` puts back are not visited again.
  template <typename Use>
  void take_all(Entry& slot, Use&& use) {
    Taken taken(*this);
    splice(slot, taken.entries);
    while (taken.entries.in_wheel()) {
      Entry& entry = *taken.entries.next_;
      remove(entry);
      use(entry);
    }
  }

  std::chrono::nanoseconds tick_;
  std::uint64_t last_tick_;
  std::array<Entry, kSlots> slots_;
};

}  // namespace matricula::http
