// Copies of stores: from SQLite to PostgreSQL, back, and from file to file.
#include "exchange/copy.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <span>

#include "auth/access/token_service.h"
#include "auth/authentication/authenticator.h"
#include "auth/secrets/key_file.h"
#include "auth/trail/refusals.h"
#include "exchange/export.h"
#include "exchange/import.h"
#include "records/find_problems.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"

namespace matricula::nodes {
namespace {

using storage::postgres::PrivateCluster;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Copy : public testing::Test {
 protected:
  Copy() {
    const std::string data = "tests/cases/data";
    source_ = server::open_store(directory_.file("store.db"), {}, clock_).value();
    EXPECT_TRUE(exchange::import_paths(*source_, std::span(&data, 1), {}, clock_));
    target_ = server::open_store(cluster_.url(name_), {}, clock_).value();
  }
  ~Copy() override {
    target_.reset();
    cluster_.drop_database(name_);
  }

  std::unique_ptr<storage::Database> open_file(const std::string& name) {
    return server::open_store(directory_.file(name), {}, clock_).value();
  }

  SystemClock clock_;
  storage::TempDirectory directory_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  std::unique_ptr<storage::Database> source_;
  std::unique_ptr<storage::Database> target_;
};

TEST_F(Copy, RecordsAndTokensAreThoseOfTheSource) {
  const auth::Secrets secrets =
      auth::open_secrets(*source_, "store", directory_.file("keys")).value();
  auth::Refusals refusals(clock_);
  const auth::Principal oper = auth::operator_principal();
  const auth::Caller caller{.principal = oper, .address = "local"};
  auth::TokenService tokens(*source_, secrets, refusals, clock_);
  const auto made = tokens.create({.description = "x", .company_ids = {"4821"}}, caller).value();

  const auto copied = exchange::copy_store(*source_, *target_, {});
  ASSERT_TRUE(copied) << copied.error().message << copied.error().internal;
  EXPECT_GT(copied->size(), 15U);

  ASSERT_TRUE(exchange::export_records(*source_, directory_.file("a"), {}));
  ASSERT_TRUE(exchange::export_records(*target_, directory_.file("b"), {}));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.file("a"))) {
    const std::string name = entry.path().filename().string();
    EXPECT_EQ(content(entry.path()), content(directory_.file("b") + "/" + name)) << name;
    ++files;
  }
  EXPECT_EQ(files, 11);

  // The key file is the same one; numbers that the store gives go on where they were.
  ASSERT_TRUE(auth::open_secrets(*target_, "store", directory_.file("keys")));
  const auto authenticator = auth::Authenticator::open(*target_, secrets, clock_).value();
  EXPECT_TRUE(authenticator->data_principal("Token " + made.unredacted_token));
  auth::TokenService there(*target_, secrets, refusals, clock_);
  EXPECT_TRUE(there.create({.description = "y", .company_ids = {"77"}}, caller));
}

TEST_F(Copy, AStoreThatHoldsSomethingIsLeftAsItIs) {
  ASSERT_TRUE(exchange::copy_store(*source_, *target_, {}));
  const auto again = exchange::copy_store(*source_, *target_, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
}

TEST_F(Copy, AStoreIsNotCopiedOntoItself) {
  const auto file = open_file("empty.db");
  const auto same_file = open_file("empty.db");
  const auto same_database = server::open_store(cluster_.url(name_), {}, clock_).value();
  const std::pair<storage::Database&, storage::Database&> pairs[] = {
      {*file, *file}, {*file, *same_file}, {*target_, *target_}, {*target_, *same_database}};
  for (const auto& [from, to] : pairs) {
    const auto copied = exchange::copy_store(from, to, {});
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().code, ErrorCode::kUsage);
    EXPECT_EQ(copied.error().message,
              "The source and the target are one store. Copy into another.");
  }
  EXPECT_TRUE(exchange::copy_store(*file, *target_, {}));
}

TEST_F(Copy, AFileMayBeTheTargetToo) {
  ASSERT_TRUE(exchange::copy_store(*source_, *target_, {}));
  const auto there = exchange::copy_store(*target_, *open_file("back.db"), {});
  ASSERT_TRUE(there) << there.error().message << there.error().internal;
  const auto beside = exchange::copy_store(*source_, *open_file("beside.db"), {});
  ASSERT_TRUE(beside) << beside.error().message << beside.error().internal;
  ASSERT_EQ(there->size(), beside->size());
  for (std::size_t i = 0; i < there->size(); ++i) {
    EXPECT_EQ((*there)[i].name, (*beside)[i].name);
    EXPECT_EQ((*there)[i].checksum, (*beside)[i].checksum) << (*there)[i].name;
  }
  for (const std::string name : {"back.db", "beside.db"}) {
    const auto copy = open_file(name);
    const auto reader = copy->open_reader().value();
    EXPECT_EQ(records::find_problems(*reader).value(), std::vector<std::string>()) << name;
    EXPECT_EQ(exchange::copy_store(*source_, *copy, {}).error().code, ErrorCode::kConflict);
  }
}

}  // namespace
}  // namespace matricula::nodes
