// The worst documents take bounded memory, and bounded work as far as allocations tell it.
#include <gtest/gtest.h>

#include "tests/bounds/heap.h"
#include "tests/bounds/subject.h"

namespace matricula::bounds {
namespace {

constexpr std::size_t kMemoryMax = 32 * 1024 * 1024;
// Each token, each JSON value and each error may take some; nothing may take some for each pair.
constexpr std::size_t kAllocationsMax = 300'000;

TEST(Bounds, AttacksAreOfPermittedSize) {
  for (const Attack& attack : attacks()) {
    EXPECT_LE(attack.document.size() + attack.variables.size(), kBodyBytesMax) << attack.name;
  }
}

TEST(Bounds, NoAttackTakesMoreThanItsShareOfMemoryAndWork) {
  const auto schema = attacked_schema();
  const std::vector<Attack> all = attacks();
  digest(schema, all.front());
  for (const Attack& attack : all) {
    const std::size_t before = heap().bytes;
    reset_heap();
    const std::string said = digest(schema, attack);
    EXPECT_LE(heap().bytes_max - before, kMemoryMax) << attack.name << ": " << said;
    EXPECT_LE(heap().allocations, kAllocationsMax) << attack.name << ": " << said;
  }
}

}  // namespace
}  // namespace matricula::bounds
