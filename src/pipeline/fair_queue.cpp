#include "pipeline/fair_queue.h"

#include <algorithm>
#include <ranges>

#include "base/assert.h"

namespace matricula::pipeline {
namespace {

// Tenants without jobs that are remembered for the time they took.
constexpr std::size_t kIdleLinesMax = 4'096;
// One job in so many of a tenant's makes up what is expected of the next.
constexpr int kTypicalOf = 4;

}  // namespace

template <typename Change>
void FairQueue::change(TenantKey tenant, const Change& change) {
  Line& line = lines_[tenant];
  if (may_begin(line)) {
    ready_.erase({line.used, tenant});
  }
  change(line);
  if (may_begin(line)) {
    ready_.emplace(line.used, tenant);
  }
}

bool FairQueue::push(std::unique_ptr<Job>& job, Time now) {
  const TenantKey tenant = job->placement().tenant;
  if (waiting_ >= limits_.waiting_max) {
    return false;
  }
  if (const auto found = lines_.find(tenant);
      found != lines_.end() && found->second.jobs.size() >= limits_.waiting_of_tenant_max) {
    return false;
  }
  forget_idle();
  job->queued_at_ = now;
  change(tenant, [&](Line& line) {
    if (line.jobs.empty() && line.turns == 0) {
      line.used = std::max(line.used, virtual_time_);
    }
    line.jobs.push_back(std::move(job));
  });
  ++waiting_;
  return true;
}

void FairQueue::requeue(std::span<std::unique_ptr<Job>> jobs) {
  for (std::unique_ptr<Job>& job : std::views::reverse(jobs)) {
    job->placement_.together = Together::kNever;
    change(job->placement().tenant, [&](Line& line) { line.jobs.push_front(std::move(job)); });
    ++waiting_;
  }
}

bool FairQueue::has_turn() const {
  return turns_ < limits_.turns_max && !ready_.empty();
}

FairQueue::Turn FairQueue::take(std::size_t jobs_max) {
  MATRICULA_ASSERT(has_turn());
  Turn turn;
  ++turns_;
  virtual_time_ = std::max(virtual_time_, ready_.begin()->first);
  std::optional<TenantKey> next = ready_.begin()->second;
  while (next) {
    take_one(*next, turn);
    const bool goes_on = turn.jobs.back()->placement().together == Together::kBatchable &&
                         turn.jobs.size() < jobs_max;
    next = goes_on ? next_batchable(turn) : std::nullopt;
  }
  return turn;
}

// The tenant whose batchable job is next. A tenant of the turn may be at its bound of turns and so
// not be ready, yet this turn is one of them.
std::optional<TenantKey> FairQueue::next_batchable(const Turn& turn) const {
  std::optional<Place> next;
  if (!ready_.empty()) {
    next = *ready_.begin();
  }
  for (const auto& [tenant, charge] : turn.charges) {
    const Line& line = lines_.at(tenant);
    const Place place{line.used, tenant};
    if (!line.jobs.empty() && (!next || place < *next)) {
      next = place;
    }
  }
  if (!next || lines_.at(next->second).jobs.front()->placement().together == Together::kNever) {
    return std::nullopt;
  }
  return next->second;
}

void FairQueue::take_one(TenantKey tenant, Turn& turn) {
  const bool begins = std::ranges::none_of(
      turn.charges, [&](const auto& charge) { return charge.first == tenant; });
  change(tenant, [&](Line& line) {
    turn.jobs.push_back(std::move(line.jobs.front()));
    line.jobs.pop_front();
    turn.charges.emplace_back(tenant, line.typical);
    line.used += line.typical;
    line.turns += begins ? 1 : 0;
  });
  --waiting_;
}

void FairQueue::finish(const Turn& turn, Time used) {
  const Time share = used / static_cast<Time::rep>(turn.charges.size());
  std::vector<TenantKey> ended;
  for (const auto& [tenant, charge] : turn.charges) {
    const bool is_first = std::ranges::find(ended, tenant) == ended.end();
    if (is_first) {
      ended.push_back(tenant);
    }
    change(tenant, [&, charged = charge](Line& line) {
      line.used += share - charged;
      line.typical += (share - line.typical) / kTypicalOf;
      line.turns -= is_first ? 1 : 0;
    });
  }
  --turns_;
}

Jobs FairQueue::take_older_than(Time moment) {
  Jobs older;
  for (auto& [tenant, line] : lines_) {
    if (line.jobs.empty() || line.jobs.front()->queued_at() >= moment) {
      continue;
    }
    change(tenant, [&](Line& each) {
      while (!each.jobs.empty() && each.jobs.front()->queued_at() < moment) {
        older.push_back(std::move(each.jobs.front()));
        each.jobs.pop_front();
      }
    });
  }
  waiting_ -= older.size();
  return older;
}

// Who is idle and behind the virtual time would begin at it anyway.
void FairQueue::forget_idle() {
  if (lines_.size() <= kIdleLinesMax + limits_.waiting_max) {
    return;
  }
  const auto is_idle = [](const auto& entry) {
    return entry.second.jobs.empty() && entry.second.turns == 0;
  };
  std::erase_if(lines_, [&](const auto& entry) {
    return is_idle(entry) && entry.second.used <= virtual_time_;
  });
  if (lines_.size() > kIdleLinesMax + limits_.waiting_max) {
    std::erase_if(lines_, is_idle);
  }
}

}  // namespace matricula::pipeline
