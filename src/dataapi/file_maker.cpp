#include "dataapi/file_maker.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <sodium.h>

#include "base/thread_priority.h"
#include "base/within_memory.h"

namespace matricula::dataapi {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kAnyBytes = std::numeric_limits<std::uint64_t>::max();

// A company's files share one part of the spool.
spool::Owner owner_of(std::string_view company) {
  spool::Owner owner = 0;
  crypto_generichash(reinterpret_cast<unsigned char*>(&owner), sizeof owner,
                     reinterpret_cast<const unsigned char*>(company.data()), company.size(),
                     nullptr, 0);
  return owner;
}

}  // namespace

// Appends to the file as long as it has readers.
class FileMaker::Sink final : public FileSink {
 public:
  Sink(FileMaker& maker, const Job& job) : maker_(maker), job_(job) {}

  void begin(const FileState& state) override { job_.file->set_state(state); }

  Result<void> append(std::string_view bytes) override {
    if (!maker_.is_wanted(job_)) {
      return fail(ErrorCode::kUnavailable, "The server ends; try again later.",
                  {.internal = "no request waits for the file any more"});
    }
    give_way();
    const std::uint64_t before = job_.file->size();
    auto done = job_.file->append(bytes);
    if (!done && done.error().code == ErrorCode::kUnavailable) {
      // Files without readers make room.
      maker_.drop_idle(maker_.clock_.monotonic(), 0);
      done = job_.file->append(bytes.substr(job_.file->size() - before));
    }
    return done;
  }

 private:
  FileMaker& maker_;
  const Job& job_;
};

FileMaker::FileMaker(storage::Database& database, std::shared_ptr<spool::Spool> spool,
                     const Clock& clock, Logger& logger, const FileMakerOptions& options)
    : database_(database),
      spool_(std::move(spool)),
      clock_(clock),
      logger_(logger),
      options_(options) {
  for (unsigned i = 0; i < options.threads; ++i) {
    threads_.start([this] { work(); });
  }
}

void FileMaker::ask_to_end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
}

FileMaker::~FileMaker() {
  threads_.end();
  for (Job& job : queue_) {
    job.file->fail(
        {.code = ErrorCode::kUnavailable, .message = "The server ends; try again later."});
  }
}

Result<std::shared_ptr<MadeFile>> FileMaker::get(const FileOrder& order, const FileState& seen) {
  const std::string key = fmt::format("{}\n{}", recipe(order.request), order.company);
  const std::lock_guard lock(mutex_);
  if (const auto found = files_.find(key); found != files_.end()) {
    const auto state = found->second.file->state();
    if (!found->second.file->error() && (!state || state->is_at_least(seen))) {
      found->second.used = clock_.monotonic();
      return found->second.file;
    }
  }
  if (const auto count = of_company_.find(order.company);
      count != of_company_.end() && count->second >= options_.of_company_max) {
    return fail(ErrorCode::kRateLimited,
                fmt::format("{} files of this company are being made, which is the limit; try "
                            "again when one is complete.",
                            count->second));
  }
  if (queue_.size() >= options_.queue_max || ending_) {
    return fail(ErrorCode::kUnavailable, "The server is busy; try again in a second.");
  }
  ++of_company_[order.company];
  auto file = std::make_shared<MadeFile>(spool_->create(owner_of(order.company)));
  files_[key] = {.file = file, .used = clock_.monotonic()};
  queue_.push_back({.key = key, .order = order, .file = file});
  ready_.notify_one();
  return file;
}

// At a low priority: a file takes about a second, and must not delay requests for pages, which take
// less than a millisecond.
void FileMaker::work() {
  set_priority(ThreadPriority::kLow);
  std::unique_ptr<storage::Session> session;
  for (;;) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) {
      return;
    }
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    make(job, session);
  }
}

void FileMaker::make(Job& job, std::unique_ptr<storage::Session>& session) {
  // The text is short enough to need no memory.
  Result<void> done = fail(ErrorCode::kUnavailable, "Out of memory.");
  const auto work = [&]() -> Result<void> {
    if (session == nullptr) {
      MATRICULA_TRY(session, database_.open_reader());
    }
    Sink sink(*this, job);
    return write_table(*session, job.order, sink);
  };
  run_within_memory([&] { done = work(); });
  end(job);
  if (done) {
    job.file->finish();
    run_within_memory([this] { drop_idle(nanoseconds::min(), options_.kept_bytes_max); });
    return;
  }
  run_within_memory([&] { log_failure(job, done.error()); });
  job.file->fail(std::move(done).error());
}

void FileMaker::log_failure(const Job& job, const Error& error) {
  if (error.code != ErrorCode::kUnauthorized && is_wanted(job)) {
    logger_.log(LogLevel::kWarning, "a file could not be made",
                {{"file", file_name(job.order.request)},
                 {"error", error.message},
                 {"internal", error.internal}});
  }
}

// Ends the job: its file is complete, failed, or not wanted any more.
void FileMaker::end(const Job& job) {
  const std::lock_guard lock(mutex_);
  const auto count = of_company_.find(job.order.company);
  if (--count->second == 0) {
    of_company_.erase(count);
  }
  const auto found = files_.find(job.key);
  if (found != files_.end() && found->second.file == job.file) {
    found->second.used = clock_.monotonic();
  }
}

// Whether a reader holds the file. If not, get() does not find the file any more.
bool FileMaker::is_wanted(const Job& job) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(job.key);
  const bool is_listed = found != files_.end() && found->second.file == job.file;
  if (!ending_ && job.file.use_count() > (is_listed ? 2 : 1)) {
    return true;
  }
  if (is_listed) {
    files_.erase(found);
  }
  return false;
}

void FileMaker::sweep() {
  drop_idle(clock_.monotonic() - options_.kept_for, kAnyBytes);
}

// Drops files without readers: those not asked for since `unused_since`, and further ones
// until the rest is at most `bytes_max`, those asked for longest ago first.
void FileMaker::drop_idle(nanoseconds unused_since, std::uint64_t bytes_max) {
  std::vector<std::shared_ptr<MadeFile>> dropped;  // their blocks go back outside of the lock
  const std::lock_guard lock(mutex_);
  std::vector<std::map<std::string, Kept>::iterator> idle;
  std::uint64_t bytes = 0;
  for (auto each = files_.begin(); each != files_.end(); ++each) {
    if (each->second.file.use_count() == 1) {
      idle.push_back(each);
      bytes += each->second.file->size();
    }
  }
  std::ranges::sort(idle, {}, [](const auto& each) { return each->second.used; });
  for (const auto& each : idle) {
    if (each->second.used > unused_since && bytes <= bytes_max && !each->second.file->error()) {
      continue;
    }
    bytes -= each->second.file->size();
    dropped.push_back(std::move(each->second.file));
    files_.erase(each);
  }
}

}  // namespace matricula::dataapi
