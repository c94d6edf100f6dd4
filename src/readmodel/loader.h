#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "readmodel/company_list.h"

namespace matricula::readmodel {

// A list to be loaded, or brought up to date.
struct LoadJob {
  std::shared_ptr<CompanyList> list;
  std::uint64_t bytes_max = 0;
};

// A thread of low priority that makes states of lists, one after the other. To be used from one
// other thread.
class Loader {
 public:
  using State = Result<std::shared_ptr<PublishedState>>;
  // Makes a state; checks the flag from time to time, and fails once that is set: the loader ends.
  using Make = std::function<State(const LoadJob&, const std::atomic<bool>&)>;

  explicit Loader(Make make);
  // Cancels the current job.
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Precondition: it has no job, and no result to take.
  void start(LoadJob job);
  // The result of the job, once; nullopt while it runs.
  std::optional<State> take();

 private:
  void run();

  const Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<LoadJob> job_;
  std::optional<State> result_;
  std::atomic<bool> is_cancelled_{false};
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace matricula::readmodel
