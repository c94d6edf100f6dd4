#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "base/thread_priority.h"
#include "readmodel/company_list.h"

namespace matricula::readmodel {

// A list to be loaded, or brought up to date.
struct LoadJob {
  std::shared_ptr<CompanyList> list;
  std::uint64_t bytes_max = 0;
};

// A thread that makes states of lists, one after the other, at a priority of its own. It takes no
// lock that requests take. To be used from one other thread.
class Loader {
 public:
  using State = Result<std::shared_ptr<PublishedState>>;
  // Makes a state; checks the flag from time to time, and fails once that is set.
  using Make = std::function<State(const LoadJob&, const std::atomic<bool>&)>;

  Loader(ThreadPriority priority, Make make);
  // Cancels the current job.
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Whether it has no job and no result to take.
  bool is_free() const;
  // Precondition: it is free.
  void start(LoadJob job);
  // Cancels the job and drops its result. is_free() once the thread has noticed.
  void give_up();
  // The processor time of the thread so far.
  std::chrono::nanoseconds processor_time();
  // The result of the job, once; nullopt while it runs.
  std::optional<State> take();

 private:
  void run();

  const ThreadPriority priority_;
  const Make make_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<LoadJob> job_;
  std::optional<State> result_;
  std::atomic<bool> is_given_up_{false};
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace matricula::readmodel
