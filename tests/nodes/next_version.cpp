// Makes of the program the one of a version to come, whose schema has a step more: the linker puts
// next_version() where the program asks for its own.
#include <vector>

#include "migrations/migrations.h"

namespace matricula {
namespace {

// What a version may do beside nodes of the one before: add, and give what was added a value. It
// cannot be done twice, and takes long enough to be met by whoever else wants to do it.
constexpr std::string_view kStep = R"sql(
CREATE TABLE mentors(name TEXT COLLATE "C" NOT NULL PRIMARY KEY);
INSERT INTO mentors(name) VALUES ('Grace');
ALTER TABLE program_progress ADD COLUMN mentor TEXT COLLATE "C";
UPDATE program_progress SET mentor = 'Grace';
ALTER TABLE api_tokens ADD COLUMN purpose TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX api_tokens_by_purpose ON api_tokens(purpose);
SELECT pg_sleep(0.3)
)sql";

}  // namespace

std::span<const storage::Migration> this_version() asm("__real__ZN9matricula10migrations3allEv");
std::span<const storage::Migration> next_version() asm("__wrap__ZN9matricula10migrations3allEv");

std::span<const storage::Migration> next_version() {
  static const std::vector<storage::Migration> kAll = [] {
    const auto known = this_version();
    std::vector<storage::Migration> steps(known.begin(), known.end());
    steps.push_back({.number = known.back().number + 1,
                     .name = "mentors",
                     .sqlite = "SELECT 1",
                     .postgres = kStep});
    return steps;
  }();
  return kAll;
}

}  // namespace matricula
