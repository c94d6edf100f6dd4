#include "server/threads.h"

#include <atomic>
#include <fmt/format.h>
#include <new>
#include <system_error>

#include "base/thread_group.h"

namespace matricula::server {

Result<void> require_threads(std::size_t count) {
  std::atomic<bool> may_end = false;
  ThreadGroup threads([&may_end] {
    may_end = true;
    may_end.notify_all();
  });
  std::size_t started = 0;
  std::error_code refused;
  try {
    for (; started < count; ++started) {
      threads.start([&may_end] { may_end.wait(false); });
    }
  } catch (const std::system_error& error) {
    refused = error.code();
  } catch (const std::bad_alloc&) {
    refused = std::make_error_code(std::errc::not_enough_memory);
  }
  threads.end();
  if (!refused) {
    return {};
  }
  return fail(ErrorCode::kUnavailable,
              fmt::format("The system starts no more than {} of the {} threads that this server "
                          "needs: {}. Raise the limit (ulimit -u, ulimit -v, TasksMax=, the memory "
                          "of the container), or use fewer --threads and --workers.",
                          started, count, refused.message()));
}

}  // namespace matricula::server
