// What the worst documents cost: usage: bounds_bench
#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <vector>

#include "tests/bounds/heap.h"
#include "tests/bounds/subject.h"

namespace {

using namespace matricula;

constexpr int kRounds = 5;
constexpr double kCpuMsMax = 50;
constexpr double kMemoryMibMax = 32;

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Cost {
  std::string name;
  std::string said;
  double ms = 0;
  double mib = 0;
  std::size_t allocations = 0;
};

// The least of some rounds: others use the machine too.
Cost cost_of(const std::shared_ptr<const graphql::Schema>& schema, const bounds::Attack& attack) {
  Cost cost{.name = attack.name, .said = {}, .ms = 1e9};
  for (int i = 0; i < kRounds; ++i) {
    const std::size_t before = bounds::heap().bytes;
    bounds::reset_heap();
    const double began = cpu_ms();
    cost.said = bounds::digest(schema, attack);
    cost.ms = std::min(cost.ms, cpu_ms() - began);
    cost.mib = static_cast<double>(bounds::heap().bytes_max - before) / (1024 * 1024);
    cost.allocations = bounds::heap().allocations;
  }
  return cost;
}

}  // namespace

int main() {
  const auto schema = bounds::attacked_schema();
  std::vector<Cost> costs;
  for (const bounds::Attack& attack : bounds::attacks()) {
    costs.push_back(cost_of(schema, attack));
  }
  std::sort(costs.begin(), costs.end(), [](const Cost& a, const Cost& b) { return a.ms > b.ms; });
  fmt::print("{:>8} {:>8} {:>8}  {}\n", "CPU ms", "MiB", "allocs", "attack: what was said of it");
  for (const Cost& cost : costs) {
    fmt::print("{:8.2f} {:8.2f} {:8}  {}: {:.90}\n", cost.ms, cost.mib, cost.allocations, cost.name,
               cost.said);
  }
  fmt::print("worst {:.1f} ms (bound {}), {:.1f} MiB (bound {})\n", costs.front().ms, kCpuMsMax,
             std::max_element(costs.begin(), costs.end(),
                              [](const Cost& a, const Cost& b) { return a.mib < b.mib; })
                 ->mib,
             kMemoryMibMax);
  return 0;
}
