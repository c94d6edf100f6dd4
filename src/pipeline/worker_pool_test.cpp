#include "pipeline/worker_pool.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <semaphore>
#include <string>

namespace matricula::pipeline {
namespace {

// Notes that it was run. One of `kind` 't' goes together with others; 'l' as well, but is left; 'a'
// goes alone.
class Noted final : public WorkerPool::Job {
 public:
  Noted(std::string& notes, std::counting_semaphore<>& done, char kind, char name)
      : notes_(notes), done_(done), kind_(kind), name_(name) {}
  void run(unsigned) override {
    note('r');
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
class Holding final : public WorkerPool::Job {
 public:
  explicit Holding(std::binary_semaphore& held) : held_(held) {}
  void run(unsigned) override { held_.acquire(); }

 private:
  std::binary_semaphore& held_;
};

void hold_the_worker(WorkerPool& pool, std::binary_semaphore& held) {
  EXPECT_EQ(pool.submit(std::make_unique<Holding>(held)), nullptr);
  while (pool.queued() > 0) {
    std::this_thread::yield();
  }
}

void run_together(WorkerPool::Jobs jobs, const WorkerPool::Leave& leave) {
  std::erase_if(jobs, [](const auto& job) { return static_cast<Noted&>(*job).join(); });
  leave(std::move(jobs));
}

// One worker, held until `kinds` wait in its queue.
std::string notes_of(std::string_view kinds) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::binary_semaphore held(0);
  WorkerPool pool(1, 100, [](unsigned, WorkerPool::Jobs jobs, const WorkerPool::Leave& leave) {
    run_together(std::move(jobs), leave);
  });
  hold_the_worker(pool, held);
  char name = '1';
  for (const char kind : kinds) {
    EXPECT_EQ(
        pool.submit(std::make_unique<Noted>(notes, done, kind, name++),
                    kind == 'a' ? WorkerPool::Together::kNever : WorkerPool::Together::kMaybe),
        nullptr);
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

TEST(WorkerPool, JobsThatWereLeftAreRunInTheirOrderBeforeAllOthers) {
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
  std::binary_semaphore held(0);
  WorkerPool pool(1, 1);
  hold_the_worker(pool, held);
  EXPECT_EQ(pool.submit(std::make_unique<Noted>(notes, done, 'a', '1')), nullptr);
  const auto refused = pool.submit(std::make_unique<Noted>(notes, done, 'a', '2'));
  held.release();
  done.acquire();
  ASSERT_NE(refused, nullptr);
  refused->run(0);
  EXPECT_EQ(notes, "r1 r2 ");
}

}  // namespace
}  // namespace matricula::pipeline
