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
  // A reader that goes away is an error of write(), which is named and gives status 1.
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  cli::Context context{.program = count > 0 ? arguments[0] : "matricula", .clock = clock};
  return cli::run(context, count, arguments);
}
