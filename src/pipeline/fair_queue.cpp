#include "pipeline/fair_queue.h"

#include <algorithm>
#include <new>

#include "base/assert.h"

namespace matricula::pipeline {
namespace {

// Tenants without jobs that are kept, for the time that their jobs took.
constexpr std::size_t kIdleTenantsMax = 4'096;
// One job in so many of a tenant's makes up what is expected of the next.
constexpr int kTypicalOf = 4;

}  // namespace

// A tenant has its place in `ready_` from the beginning, so that nothing later needs memory for it.
FairQueue::TenantJobs& FairQueue::find_or_add(TenantKey tenant) {
  if (const auto found = tenants_.find(tenant); found != tenants_.end()) {
    return found->second;
  }
  Ready of_one;
  of_one.emplace(Time(0), tenant);
  TenantJobs& added = tenants_[tenant];
  added.place = of_one.extract(of_one.begin());
  return added;
}

void FairQueue::leave_ready(TenantKey tenant, TenantJobs& tenant_jobs) {
  if (may_begin(tenant_jobs)) {
    tenant_jobs.place = ready_.extract({tenant_jobs.used, tenant});
  }
}

void FairQueue::join_ready(TenantKey tenant, TenantJobs& tenant_jobs) {
  if (may_begin(tenant_jobs)) {
    tenant_jobs.place.value() = {tenant_jobs.used, tenant};
    ready_.insert(std::move(tenant_jobs.place));
  }
}

template <typename Change>
void FairQueue::change(TenantKey tenant, const Change& change) {
  TenantJobs& tenant_jobs = find_or_add(tenant);
  leave_ready(tenant, tenant_jobs);
  try {
    change(tenant_jobs);
  } catch (const std::bad_alloc&) {
    join_ready(tenant, tenant_jobs);
    throw;
  }
  join_ready(tenant, tenant_jobs);
}

bool FairQueue::push(std::unique_ptr<Job>& job, Time now) {
  const TenantKey tenant = job->placement().tenant;
  if (waiting_ >= limits_.waiting_max) {
    return false;
  }
  if (const auto found = tenants_.find(tenant);
      found != tenants_.end() && found->second.jobs.size() >= limits_.waiting_of_tenant_max) {
    return false;
  }
  forget_idle();
  job->queued_at_ = now;
  change(tenant, [&](TenantJobs& tenant_jobs) {
    if (tenant_jobs.jobs.empty() && tenant_jobs.turns == 0) {
      tenant_jobs.used = std::max(tenant_jobs.used, virtual_time_);
    }
    tenant_jobs.jobs.push_back(std::move(job));
  });
  ++waiting_;
  return true;
}

void FairQueue::requeue(std::span<std::unique_ptr<Job>> jobs) {
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    (*job)->placement_.is_batchable = false;
    change((*job)->placement().tenant,
           [&](TenantJobs& tenant_jobs) { tenant_jobs.jobs.push_front(std::move(*job)); });
    ++waiting_;
  }
}

bool FairQueue::has_turn() const {
  return turns_ < limits_.turns_max && !ready_.empty();
}

FairQueue::Turn FairQueue::take(std::size_t jobs_max) {
  MATRICULA_ASSERT(has_turn());
  Turn turn;
  turn.jobs.reserve(jobs_max);
  turn.charges.reserve(jobs_max);
  ++turns_;
  virtual_time_ = std::max(virtual_time_, ready_.begin()->first);
  std::optional<TenantKey> next = ready_.begin()->second;
  while (next) {
    take_one(*next, turn);
    const bool goes_on = turn.jobs.back()->placement().is_batchable && turn.jobs.size() < jobs_max;
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
    const TenantJobs& tenant_jobs = tenants_.at(tenant);
    const Place place{tenant_jobs.used, tenant};
    if (!tenant_jobs.jobs.empty() && (!next || place < *next)) {
      next = place;
    }
  }
  if (!next || !tenants_.at(next->second).jobs.front()->placement().is_batchable) {
    return std::nullopt;
  }
  return next->second;
}

void FairQueue::take_one(TenantKey tenant, Turn& turn) {
  const bool begins = std::ranges::none_of(
      turn.charges, [&](const auto& charge) { return charge.first == tenant; });
  change(tenant, [&](TenantJobs& tenant_jobs) {
    turn.jobs.push_back(std::move(tenant_jobs.jobs.front()));
    tenant_jobs.jobs.pop_front();
    turn.charges.emplace_back(tenant, tenant_jobs.typical);
    tenant_jobs.used += tenant_jobs.typical;
    tenant_jobs.turns += begins ? 1 : 0;
  });
  --waiting_;
}

void FairQueue::finish(const Turn& turn, Time used) {
  const Time share = used / static_cast<Time::rep>(turn.charges.size());
  for (auto each = turn.charges.begin(); each != turn.charges.end(); ++each) {
    const bool is_first = std::none_of(turn.charges.begin(), each, [&](const auto& earlier) {
      return earlier.first == each->first;
    });
    change(each->first, [&](TenantJobs& tenant_jobs) {
      tenant_jobs.used += share - each->second;
      tenant_jobs.typical += (share - tenant_jobs.typical) / kTypicalOf;
      tenant_jobs.turns -= is_first ? 1 : 0;
    });
  }
  --turns_;
}

Jobs FairQueue::take_older_than(Time moment) {
  Jobs older;
  for (auto& [tenant, tenant_jobs] : tenants_) {
    if (tenant_jobs.jobs.empty() || tenant_jobs.jobs.front()->queued_at() >= moment) {
      continue;
    }
    change(tenant, [&](TenantJobs& each) {
      while (!each.jobs.empty() && each.jobs.front()->queued_at() < moment) {
        older.push_back(std::move(each.jobs.front()));
        each.jobs.pop_front();
        --waiting_;
      }
    });
  }
  return older;
}

// An idle tenant behind the virtual time would begin at that anyway, so nothing is lost with it.
void FairQueue::forget_idle() {
  if (tenants_.size() <= kIdleTenantsMax + limits_.waiting_max) {
    return;
  }
  const auto is_idle = [](const auto& entry) {
    return entry.second.jobs.empty() && entry.second.turns == 0;
  };
  std::erase_if(tenants_, [&](const auto& entry) {
    return is_idle(entry) && entry.second.used <= virtual_time_;
  });
  if (tenants_.size() > kIdleTenantsMax + limits_.waiting_max) {
    std::erase_if(tenants_, is_idle);
  }
}

}  // namespace matricula::pipeline
