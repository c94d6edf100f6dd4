// What the statements for many rows do is the same on both stores, and costs as many round trips
// for many rows as for few.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/access/credential_service.h"
#include "auth/access/token_service.h"
#include "auth/authentication/authenticator.h"
#include "auth/schema/store.h"
#include "auth/testing.h"
#include "auth/trail/use_counter.h"
#include "migrations/migrations.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"

namespace matricula::auth {
namespace {

const storage::Statement kAddCompany("INSERT INTO companies(id, slug, name) VALUES (?1, ?1, ?1)");
const storage::Statement kUses(
    "SELECT 'token', '', t.redacted, d.day, d.uses, d.refused, t.last_used_at"
    " FROM token_use_days AS d JOIN api_tokens AS t ON t.id = d.token_id"
    " UNION ALL SELECT 'company', d.company_id, t.redacted, d.day, d.uses, d.refused,"
    " d.last_used_at FROM company_use_days AS d JOIN api_tokens AS t ON t.id = d.token_id"
    " UNION ALL SELECT 'endpoint', d.company_id, d.endpoint, d.day, CAST(SUM(d.uses) AS BIGINT),"
    " CAST(SUM(d.refused) AS BIGINT),"
    " NULL FROM company_endpoint_days AS d GROUP BY d.company_id, d.endpoint, d.day"
    " UNION ALL SELECT 'credential', '', description, 0, 0, 0, last_used_at"
    " FROM client_credentials"
    " UNION ALL SELECT 'covers', d.company_id, c.description, 0, 0, 0, d.last_used_at"
    " FROM credential_companies AS d JOIN client_credentials AS c ON c.id = d.credential_id");

// The services over one store with the companies 11 and 12.
struct World {
  explicit World(storage::Database& store) : database(store) {
    good(database.write([&](storage::Session& session) -> Result<void> {
      for (const std::string_view id : {"11", "12"}) {
        MATRICULA_CHECK(run(session, kAddCompany, {id}));
      }
      return {};
    }));
    reader = good(database.open_reader());
    authenticator = good(Authenticator::open(database, secrets, clock));
  }

  std::shared_ptr<const Principal> principal_of(const NewToken& token) const {
    return good(authenticator->data_principal("Token " + token.unredacted_token));
  }
  NewToken new_token() {
    return good(tokens.create({.description = "", .company_ids = {"11"}}, oper));
  }
  void flush(UseCounter& counter) {
    UseCounter* const counters[] = {&counter};
    good(UseCounter::flush_all(counters, database));
  }

  storage::Database& database;
  ManualClock clock;
  Secrets secrets = Secrets::random();
  Refusals refusals{clock};
  TokenService tokens{database, secrets, refusals, clock};
  CredentialService credentials{database, secrets, refusals, clock};
  const Principal operator_itself = operator_principal();
  const Caller oper{.principal = operator_itself, .address = "local"};
  std::unique_ptr<storage::Session> reader;
  std::unique_ptr<Authenticator> authenticator;
};

class BothStoresTest : public testing::Test {
 protected:
  std::unique_ptr<storage::Database> new_store(std::string_view engine) {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(engine, directory_.file("store.db"));
    return good(storage::open_database(url, {.migrations = migrations::all()}, clock_));
  }

 private:
  const SystemClock clock_{};
  storage::TempDirectory directory_;
};

// What the tables hold after two flushes, without ids. The second one is by a clock set back.
std::vector<std::string> uses_written(storage::Database& database) {
  World world(database);
  const auto credential = good(
      world.credentials.create({.company_ids = {"11", "12"}, .description = "sync"}, world.oper));
  const auto generated = [&](const std::string& company) {
    return world.principal_of(good(world.tokens.generate(*world.reader,
                                                         {.client_id = credential.client_id,
                                                          .client_secret = credential.client_secret,
                                                          .company_id = company},
                                                         world.oper)));
  };
  const auto own = world.principal_of(world.new_token());
  const auto first = generated("11");
  const auto again = generated("11");
  const auto other = generated("12");
  const Timestamp began = world.clock.now();
  for (const bool is_set_back : {false, true}) {
    world.clock.set_calendar(began + (is_set_back ? 5 : 10) * kMicrosPerSecond);
    UseCounter counter(world.clock);
    for (const auto& principal : {own, first, again, other}) {
      counter.count(*principal, {}, "catalog");
      counter.count(*principal, {}, "program-progress");
    }
    counter.count_refused(*other, {}, "catalog");
    world.flush(counter);
  }
  std::vector<std::string> lines;
  good(each_row(*world.reader, kUses, {}, [&](const storage::Rows& rows) {
    const bool is_token = rows.text(0) == "token" || rows.text(0) == "company";
    lines.push_back(fmt::format(
        "{} {} {} day {} uses {} refused {} last {}", rows.text(0), rows.text(1),
        is_token ? "" : rows.text(2), rows.integer(3) - began / kMicrosPerDay, rows.integer(4),
        rows.integer(5), rows.is_null(6) ? 0 : (rows.integer(6) - began) / kMicrosPerSecond));
  }));
  std::ranges::sort(lines);
  return lines;
}

TEST_F(BothStoresTest, UsesAreSummedAndTheLastUseNeverGoesBack) {
  const std::vector<std::string> expected = {
      "company 11  day 0 uses 4 refused 0 last 10",
      "company 11  day 0 uses 4 refused 0 last 10",
      "company 11  day 0 uses 4 refused 0 last 10",
      "company 12  day 0 uses 4 refused 2 last 10",
      "covers 11 sync day -20454 uses 0 refused 0 last 10",
      "covers 12 sync day -20454 uses 0 refused 0 last 10",
      "credential  sync day -20454 uses 0 refused 0 last 10",
      "endpoint 11 catalog day 0 uses 6 refused 0 last 0",
      "endpoint 11 program-progress day 0 uses 6 refused 0 last 0",
      "endpoint 12 catalog day 0 uses 2 refused 2 last 0",
      "endpoint 12 program-progress day 0 uses 2 refused 0 last 0",
      "token   day 0 uses 4 refused 0 last 10",
      "token   day 0 uses 4 refused 0 last 10",
      "token   day 0 uses 4 refused 0 last 10",
      "token   day 0 uses 4 refused 2 last 10"};
  for (const std::string_view engine : {"sqlite", "postgres"}) {
    EXPECT_EQ(uses_written(*new_store(engine)), expected) << engine;
  }
}

TEST_F(BothStoresTest, AListTakesAsManyRoundTripsHoweverLongItIs) {
  const auto store = new_store("postgres");
  World world(*store);
  const Principal viewer{.kind = PrincipalKind::kUser, .user_id = new_uuid(), .admin_of = {"11"}};
  const auto trips = [&](const auto& list) {
    good(list());  // prepares the statements
    const std::uint64_t before = world.reader->round_trips();
    good(list());
    return world.reader->round_trips() - before;
  };
  const auto tokens = [&] { return world.tokens.list(*world.reader, world.oper.principal); };
  const auto credentials = [&] { return world.credentials.list(*world.reader, viewer, {}); };
  std::vector<std::uint64_t> counts;
  for (std::size_t made = 1; made <= 9; made += 8) {
    while (good(tokens()).size() < made) {
      world.new_token();
      good(world.credentials.create({.company_ids = {"11", "12"}}, world.oper));
    }
    EXPECT_EQ(good(credentials()).size(), made);
    counts.push_back(trips(tokens));
    counts.push_back(trips(credentials));
  }
  EXPECT_EQ(counts, (std::vector<std::uint64_t>{4, 5, 4, 5}));
}

}  // namespace
}  // namespace matricula::auth
