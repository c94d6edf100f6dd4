#include <csignal>
#include <cstddef>
#include <pthread.h>

#include "base/bus_errors.h"
#include "base/descriptor.h"
#include "cli/app.h"

namespace {

// Before static initialisers, which may open files.
[[gnu::constructor(101)]] void prepare_descriptors() {
  matricula::open_standard_descriptors();
}

// The deepest nesting that limits allow needs half a megabyte of stack; `ulimit -s` may give
// threads less.
void prepare_thread_stacks() {
  constexpr std::size_t kStackBytesMin = 2 * 1'024 * 1'024;
  pthread_attr_t attributes;
  std::size_t bytes = 0;
  if (pthread_getattr_default_np(&attributes) == 0) {
    if (pthread_attr_getstacksize(&attributes, &bytes) == 0 && bytes < kStackBytesMin &&
        pthread_attr_setstacksize(&attributes, kStackBytesMin) == 0) {
      static_cast<void>(pthread_setattr_default_np(&attributes));
    }
    pthread_attr_destroy(&attributes);
  }
}

}  // namespace

int main(int count, char** arguments) {
  using namespace matricula;
  // A reader that is gone and a file at its size limit (`ulimit -f`) become errors of write(): a
  // command reports them and ends with status 1, a server goes on.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  survive_bus_errors();
  prepare_thread_stacks();
  const SystemClock clock;
  cli::Context context{.program = count > 0 ? arguments[0] : "matricula", .clock = clock};
  return cli::run(context, count, arguments);
}
