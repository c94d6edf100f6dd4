#include <csignal>

#include "base/descriptor.h"
#include "cli/app.h"

namespace {

// Before static initialisers, which may open files.
[[gnu::constructor(101)]] void prepare_descriptors() {
  matricula::open_standard_descriptors();
}

}  // namespace

int main(int count, char** arguments) {
  using namespace matricula;
  // A reader that goes away and a file that may not grow (`ulimit -f`) are errors of write(), which
  // are named: a command ends with status 1, a server goes on.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const SystemClock clock;
  cli::Context context{.program = count > 0 ? arguments[0] : "matricula", .clock = clock};
  return cli::run(context, count, arguments);
}
