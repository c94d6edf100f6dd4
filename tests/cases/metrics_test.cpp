#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

#include "server/metrics_text.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

class Metrics : public testing::Test {
 protected:
  std::string text() {
    server::StoreMetrics store{.health = world_.database().health()};
    const auto session = world_.database().open_reader();
    store.imports = exchange::read_import_totals(**session).value();
    return server::metrics_text(world_.pipeline(), 0, nullptr, store);
  }
  // The value of a sample; empty where there is none.
  std::string value(const std::string& sample) {
    const std::string all = text();
    const std::size_t at = all.find("\n" + sample + " ");
    if (at == std::string::npos) {
      return "";
    }
    const std::size_t begin = at + sample.size() + 2;
    return all.substr(begin, all.find('\n', begin) - begin);
  }

  World world_{"tests/cases/data"};
};

TEST_F(Metrics, CountRequestsPlansAndRecords) {
  const Case page{.title = "page",
                  .method = "POST",
                  .endpoint = "program-progress",
                  .words = {{"token", "4821"}},
                  .document = "{ programProgress { edges { cursor } } }"};
  const Case nobody{.title = "nobody",
                    .method = "POST",
                    .endpoint = "program-progress",
                    .words = {},
                    .document = "{ programProgress { edges { cursor } } }"};
  world_.run(page);
  world_.run(page);
  world_.run(nobody);
  EXPECT_EQ(value("matricula_requests_total{endpoint=\"program-progress\",status=\"2xx\"}"), "2");
  EXPECT_EQ(value("matricula_requests_total{endpoint=\"program-progress\",status=\"4xx\"}"), "1");
  EXPECT_EQ(value("matricula_request_seconds_count{endpoint=\"program-progress\"}"), "3");
  EXPECT_EQ(value("matricula_plan_cache_total{endpoint=\"program-progress\",outcome=\"hit\"}"),
            "1");
  EXPECT_EQ(value("matricula_changes_waiting"), "0");
  EXPECT_EQ(value("matricula_store_up"), "1");
  EXPECT_EQ(value("matricula_store_migrations_current"), "1");
  EXPECT_EQ(value("matricula_import_files_total{entity=\"users\"}"), "1");
  EXPECT_NE(value("matricula_import_records_total{entity=\"users\",outcome=\"changed\"}"), "");
}

// What Prometheus asks of its text format, and `promtool check metrics` of names.
TEST_F(Metrics, AreWellFormedText) {
  std::istringstream lines(text());
  std::map<std::string, std::string> types;
  std::set<std::string> samples;
  std::string helped;
  std::string family;
  std::string line;
  while (std::getline(lines, line)) {
    SCOPED_TRACE(line);
    if (line.starts_with("# HELP ")) {
      helped = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_GT(line.size(), helped.size() + 8);
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_EQ(family, helped);
      const std::string type = line.substr(8 + family.size());
      EXPECT_TRUE(types.emplace(family, type).second);
      EXPECT_EQ(type == "counter", family.ends_with("_total"));
      continue;
    }
    const std::size_t end = line.rfind(' ');
    ASSERT_NE(end, std::string::npos);
    EXPECT_TRUE(samples.insert(line.substr(0, end)).second);
    EXPECT_TRUE(line.starts_with(family));  // samples follow their family, unmixed
    EXPECT_EQ(line.substr(end + 1).find_first_not_of("0123456789.e+-"), std::string::npos);
    const std::string name = line.substr(0, line.find_first_of("{ "));
    EXPECT_TRUE(name == family || (types[family] == "histogram" &&
                                   (name == family + "_bucket" || name == family + "_sum" ||
                                    name == family + "_count")));
  }
  EXPECT_GT(samples.size(), 100U);
}

}  // namespace
}  // namespace matricula::cases
