#include "pipeline/worker_pool.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <semaphore>
#include <string>

namespace matricula::pipeline {
namespace {

using namespace std::chrono_literals;

const SystemClock kClock;

// Notes that it was run. One of `kind` 't' goes together with others; 'l' as well, but is requeued;
// 'a' goes alone.
class Noted final : public Job {
 public:
  Noted(std::string& notes, std::counting_semaphore<>& done, char kind, char name,
        JobKind of = JobKind::kLong)
      : Job({.kind = of, .is_batchable = kind != 'a'}),
        notes_(notes),
        done_(done),
        kind_(kind),
        name_(name) {}
  void run(unsigned) override {
    note('r');
    done_.release();
  }
  void expire() override {
    note('x');
    done_.release();
  }
  bool join() {
    note(kind_ == 't' ? 't' : 'l');
    if (kind_ == 't') {
      done_.release();
    }
    return kind_ == 't';
  }

 private:
  void note(char what) { notes_ += {what, name_, ' '}; }
  std::string& notes_;
  std::counting_semaphore<>& done_;
  char kind_;
  char name_;
};

// Holds its worker until `held` is released.
class Holding final : public Job {
 public:
  explicit Holding(std::counting_semaphore<>& held, const Placement& placement = {})
      : Job(placement), held_(held) {}
  void run(unsigned) override { held_.acquire(); }
  void expire() override {}

 private:
  std::counting_semaphore<>& held_;
};

void hold_the_worker(WorkerPool& pool, std::counting_semaphore<>& held) {
  EXPECT_EQ(pool.submit(std::make_unique<Holding>(held)), nullptr);
  while (pool.queued() > 0) {
    std::this_thread::yield();
  }
}

void run_batch(Jobs jobs, const WorkerPool::Requeue& requeue) {
  std::erase_if(jobs, [](const auto& job) { return static_cast<Noted&>(*job).join(); });
  requeue(std::move(jobs));
}

// One worker, held until `kinds` wait in its queue.
std::string notes_of(std::string_view kinds) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> held(0);
  WorkerPool pool({.workers = 1, .short_workers = 0}, kClock,
                  [](unsigned, Jobs jobs, const WorkerPool::Requeue& requeue) {
                    run_batch(std::move(jobs), requeue);
                  });
  hold_the_worker(pool, held);
  char name = '1';
  for (const char kind : kinds) {
    EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, kind, name++)), nullptr);
  }
  held.release();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    done.acquire();
  }
  return notes;
}

TEST(WorkerPool, AJobAloneIsRun) {
  EXPECT_EQ(notes_of("t"), "r1 ");
}

TEST(WorkerPool, JobsThatWaitGoTogether) {
  EXPECT_EQ(notes_of("ttt"), "t1 t2 t3 ");
}

TEST(WorkerPool, AJobThatGoesAloneIsPassedByNobody) {
  EXPECT_EQ(notes_of("ttatt"), "t1 t2 r3 t4 t5 ");
}

TEST(WorkerPool, JobsThatWereRequeuedAreRunInTheirOrderBeforeAllOthers) {
  EXPECT_EQ(notes_of("tltla"), "t1 l2 t3 l4 r2 r4 r5 ");
}

TEST(WorkerPool, NoMoreThanSixteenGoTogether) {
  const std::string notes = notes_of(std::string(17, 't'));
  EXPECT_EQ(notes.substr(notes.size() - 3), "rA ");
  EXPECT_EQ(std::ranges::count(notes, 't'), 16);
}

TEST(WorkerPool, AFullQueueGivesTheJobBack) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> held(0);
  WorkerPool pool({.workers = 1, .short_workers = 0, .queue_max = 1}, kClock);
  hold_the_worker(pool, held);
  EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', '1')), nullptr);
  const auto refused = pool.submit(std::make_unique<Noted>(notes, done, 'a', '2'));
  held.release();
  done.acquire();
  ASSERT_NE(refused, nullptr);
  refused->run(0);
  EXPECT_EQ(notes, "r1 r2 ");
}

// Whether a worker takes what waits. One that could would do so much sooner.
bool is_taken(const WorkerPool& pool) {
  const auto start = kClock.monotonic();
  while (pool.queued() > 0) {
    if (kClock.monotonic() - start > 300ms) {
      return false;
    }
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// Holds workers with jobs of that place until one waits; how many are held.
unsigned hold_all(WorkerPool& pool, std::counting_semaphore<>& held, const Placement& placement) {
  for (unsigned count = 0;; ++count) {
    EXPECT_EQ(pool.submit(std::make_unique<Holding>(held, placement)), nullptr);
    if (!is_taken(pool)) {
      return count;
    }
  }
}

TEST(WorkerPool, ATenantLeavesWorkersToOthersAndLongJobsLeaveThemToShortOnes) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> held(0);
  std::counting_semaphore<> held_short(0);
  WorkerPool pool({.workers = 4, .short_workers = 1}, kClock);
  EXPECT_EQ(hold_all(pool, held, {.tenant = 1}), 3U);
  EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', '1')), nullptr);
  EXPECT_TRUE(done.try_acquire_for(5s)) << "the fourth worker is another tenant's";
  std::counting_semaphore<> held_second(0);
  EXPECT_EQ(pool.submit(std::make_unique<Holding>(held_second, Placement{.tenant = 2})), nullptr);
  EXPECT_EQ(hold_all(pool, held_short, {.kind = JobKind::kShort}), 0U) << "one waits, of tenant 1";
  held_short.release();
  held.release();
  EXPECT_TRUE(is_taken(pool));
  EXPECT_EQ(hold_all(pool, held_short, {.kind = JobKind::kShort}), 1U) << "the fifth worker";
  held_short.release(10);
  held_second.release();
  held.release(10);
}

TEST(WorkerPool, WritesThatAllWaitForOneWriterLeaveAWorkerToShortJobs) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> held(0);
  WorkerPool pool({.workers = 4, .short_workers = 1}, kClock);
  EXPECT_EQ(hold_all(pool, held, {.tenant = 1, .kind = JobKind::kWrite}), 1U);
  EXPECT_EQ(
      pool.submit(std::make_unique<Holding>(held, Placement{.tenant = 2, .kind = JobKind::kWrite})),
      nullptr);
  EXPECT_EQ(
      pool.submit(std::make_unique<Holding>(held, Placement{.tenant = 3, .kind = JobKind::kWrite})),
      nullptr);
  EXPECT_FALSE(is_taken(pool)) << "two of three are under way";
  std::counting_semaphore<> held_short(0);
  EXPECT_EQ(pool.submit(std::make_unique<Holding>(held_short, Placement{.kind = JobKind::kShort})),
            nullptr);
  EXPECT_FALSE(is_taken(pool));
  EXPECT_EQ(pool.queued(), 2U) << "one more of tenant 1, and that of tenant 3";
  held_short.release(2);
  held.release(10);
}

TEST(WorkerPool, LongJobsAndWritesThatWaitLeaveAThreadToShortJobs) {
  for (const unsigned workers : {1U, 2U}) {
    std::string notes;
    std::counting_semaphore<> done(0);
    std::counting_semaphore<> held(0);
    WorkerPool pool({.workers = workers}, kClock);
    for (const JobKind kind : {JobKind::kLong, JobKind::kWrite}) {
      for (TenantKey tenant = 0; tenant < 4; ++tenant) {
        EXPECT_EQ(
            pool.submit(std::make_unique<Holding>(held, Placement{.tenant = tenant, .kind = kind})),
            nullptr);
      }
      EXPECT_FALSE(is_taken(pool));
    }
    EXPECT_EQ(pool.queued(), 8U - workers - 1U) << "all long ones that may run, and one write";
    EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', '1', JobKind::kShort)),
              nullptr);
    EXPECT_TRUE(done.try_acquire_for(5s)) << workers;
    held.release(10);
  }
}

TEST(WorkerPool, JobsOfUnknownCallersHaveHalfOfTheWorkersAndOneOfThemForEachTenant) {
  std::counting_semaphore<> held(0);
  WorkerPool pool({.workers = 4, .short_workers = 0}, kClock);
  const auto submit = [&](TenantKey tenant) {
    EXPECT_EQ(pool.submit(std::make_unique<Holding>(
                  held, Placement{.tenant = tenant, .kind = JobKind::kUnknown})),
              nullptr);
  };
  submit(1);
  submit(1);
  submit(2);
  submit(3);
  EXPECT_FALSE(is_taken(pool));
  EXPECT_EQ(pool.queued(), 2U);
  std::string notes;
  std::counting_semaphore<> done(0);
  EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', '1')), nullptr);
  EXPECT_TRUE(done.try_acquire_for(5s));
  held.release(4);
}

// One that no client waits for any more.
class Unwanted final : public Job {
 public:
  Unwanted(std::string& notes, std::counting_semaphore<>& done)
      : Job(Placement{}), notes_(notes), done_(done) {}
  bool is_wanted() const override { return false; }
  void run(unsigned) override {
    notes_ += "run";
    done_.release();
  }
  void expire() override {
    notes_ += "expired";
    done_.release();
  }

 private:
  std::string& notes_;
  std::counting_semaphore<>& done_;
};

TEST(WorkerPool, AJobThatNobodyWaitsForIsNotRun) {
  std::string notes;
  std::counting_semaphore<> done(0);
  WorkerPool pool({.workers = 1, .short_workers = 0}, kClock);
  EXPECT_EQ(pool.submit(std::make_unique<Unwanted>(notes, done)), nullptr);
  done.acquire();
  EXPECT_EQ(notes, "expired");
}

TEST(WorkerPool, AJobThatWaitedTooLongExpiresAlthoughNoWorkerIsFree) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> held(0);
  WorkerPool pool({.workers = 1, .short_workers = 0, .wait_max = 100ms}, kClock);
  hold_the_worker(pool, held);
  const auto start = kClock.monotonic();
  EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', '1')), nullptr);
  done.acquire();
  EXPECT_GE(kClock.monotonic() - start, 100ms);
  EXPECT_EQ(notes, "x1 ");
  EXPECT_EQ(pool.queued(), 0U);
  held.release();
}

// As they would wait for the store's writer, which a large import may hold.
TEST(WorkerPool, WritesWaitLongerForAWorkerThanOtherJobs) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> held(0);
  WorkerPool pool({.workers = 1, .short_workers = 0, .wait_max = 100ms, .write_wait_max = 10s},
                  kClock);
  hold_the_worker(pool, held);
  const auto submit = [&](char name, JobKind kind) {
    EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', name, kind)), nullptr);
  };
  submit('w', JobKind::kWrite);
  submit('s', JobKind::kShort);
  done.acquire();
  EXPECT_EQ(notes, "xs ");
  EXPECT_EQ(pool.queued(), 1U);
  held.release();
  done.acquire();
  EXPECT_EQ(notes, "xs rw ");
}

}  // namespace
}  // namespace matricula::pipeline
