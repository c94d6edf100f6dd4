#include "tests/bench/big_store.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include "auth/access/token_service.h"
#include "auth/callers/principal.h"
#include "auth/secrets/key_file.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "base/assert.h"
#include "server/key_places.h"
#include "server/store.h"
#include "tests/bench/measure.h"

namespace matricula::bench {

namespace fs = std::filesystem;

void make_store(const fs::path& directory, const std::string& store, const std::string& learners) {
  const std::string binary = matricula_binary();
  fs::create_directories(directory);
  if (fs::exists(store)) {
    return;
  }
  fs::remove_all(directory / "data");
  run_or_die(fmt::format("{} generate --companies 1 --learners {} --seed 7 --out {}/data", binary,
                         learners, directory.string()));
  run_or_die(fmt::format("{} import --store sqlite:{} {}/data", binary, store, directory.string()));
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  fmt::print("largest resident memory of generate and import: {} KiB\n", used.ru_maxrss);
  fs::remove_all(directory / "data");
}

Access make_access(const std::string& store, const Clock& clock) {
  auto database = must(server::open_store(store, {}, clock));
  auto secrets = must(auth::open_secrets(*database, store, server::key_places_of(store, {})));
  auth::Refusals refusals(clock);
  auth::TokenService tokens(*database, secrets, refusals, clock);
  const storage::Statement first(
      "SELECT company_id FROM program_progress GROUP BY company_id ORDER BY count(*) DESC");
  auto session = must(database->open_reader());
  auto rows = must(session->query(first, {}));
  MATRICULA_ASSERT(must(rows->next()));
  Access access{.company = std::string(rows->text(0)), .token = {}};
  rows.reset();
  session.reset();
  const auth::Principal principal = auth::operator_principal();
  access.token = must(tokens.create({.description = "bench", .company_ids = {access.company}},
                                    {.principal = principal, .address = "local"}))
                     .unredacted_token;
  return access;
}

}  // namespace matricula::bench
