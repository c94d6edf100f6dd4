#include "pipeline/worker_pool.h"

#include <gtest/gtest.h>
#include <semaphore>
#include <string>

namespace matricula::pipeline {
namespace {

// Tells what was done with it. A job of `kind` 's' is started and finished, 'f' is started and not
// finished, 'r' can only be run.
class Noted final : public WorkerPool::Job {
 public:
  Noted(std::string& notes, std::counting_semaphore<>& done, char kind, char name)
      : notes_(notes), done_(done), kind_(kind), name_(name) {}
  bool start(unsigned) override { return note('s', kind_ != 'r'); }
  bool finish(unsigned) override {
    const bool finished = note('f', kind_ == 's');
    if (finished) {
      done_.release();
    }
    return finished;
  }
  void run(unsigned) override {
    note('r', true);
    done_.release();
  }

 private:
  bool note(char what, bool result) {
    notes_ += {what, name_, ' '};
    return result;
  }
  std::string& notes_;
  std::counting_semaphore<>& done_;
  char kind_;
  char name_;
};

// One worker, held until `kinds` wait in its queue.
std::string notes_of(std::string_view kinds) {
  std::string notes;
  std::counting_semaphore<> done(0);
  std::binary_semaphore held(0);
  WorkerPool pool(1, 100);
  EXPECT_TRUE(pool.submit(make_job([&](unsigned) { held.acquire(); })));
  while (pool.queued() > 0) {
    std::this_thread::yield();
  }
  char name = '1';
  for (const char kind : kinds) {
    EXPECT_TRUE(pool.submit(std::make_unique<Noted>(notes, done, kind, name++)));
  }
  held.release();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    done.acquire();
  }
  return notes;
}

TEST(WorkerPool, AJobAloneIsRun) {
  EXPECT_EQ(notes_of("s"), "r1 ");
}

TEST(WorkerPool, JobsThatWaitAreAllStartedBeforeOneIsFinished) {
  EXPECT_EQ(notes_of("sss"), "s1 s2 s3 f1 f2 f3 ");
}

TEST(WorkerPool, AJobThatIsNotFinishedIsRunAfterTheOthers) {
  EXPECT_EQ(notes_of("sfs"), "s1 s2 s3 f1 f2 f3 r2 ");
}

TEST(WorkerPool, JobsThatCannotBeStartedAreRunInTheirOrderAndNotAskedAgain) {
  EXPECT_EQ(notes_of("srsr"), "s1 s2 s3 s4 f1 f3 r2 r4 ");
}

}  // namespace
}  // namespace matricula::pipeline
