#include "server/demo.h"

#include <gtest/gtest.h>

#include "exchange/generate.h"
#include "exchange/testing.h"

namespace matricula::server {
namespace {

// As a demo leaves it that is killed after the first file.
TEST(Demo, AStoreThatWasNotFilledToTheEndIsFilledOnce) {
  exchange::ExchangeStore store;
  store.clock().set_calendar(1'800'000'000'000'000);
  const auto run = [&](const std::string& sql) {
    ASSERT_TRUE(store.database().write([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(storage::Statement(sql), {}));
      return {};
    }));
  };
  run("INSERT INTO store_keys(name, value) VALUES ('demo', x'01')");
  ASSERT_TRUE(exchange::generate(exchange::demo_options(store.in("data")), store.clock()));
  ASSERT_TRUE(store.import({store.in("data/companies.ndjson")}).value().is_complete());
  const std::string company = store.select("SELECT id FROM companies");

  EXPECT_EQ(prepare_demo(store.database(), store.clock()).value(), company);
  EXPECT_EQ(store.select("SELECT count(*) FROM users"), "2000");
  EXPECT_NE(store.select("SELECT count(*) FROM learning_plan_progress"), "0");

  run("DELETE FROM learning_plan_progress");
  EXPECT_EQ(prepare_demo(store.database(), store.clock()).value(), company);
  EXPECT_EQ(store.select("SELECT count(*) FROM learning_plan_progress"), "0");
}

TEST(Demo, AStoreWhoseCompanyWasDeletedIsFilledAnew) {
  exchange::ExchangeStore store;
  store.clock().set_calendar(1'800'000'000'000'000);
  const std::string company = prepare_demo(store.database(), store.clock()).value();
  ASSERT_TRUE(store.database().write([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(session.execute(storage::Statement("DELETE FROM companies"), {}));
    return {};
  }));
  EXPECT_EQ(prepare_demo(store.database(), store.clock()).value(), company);
}

}  // namespace
}  // namespace matricula::server
