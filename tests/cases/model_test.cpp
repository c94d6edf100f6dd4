#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>

#include "json/value.h"
#include "tests/cases/model_data.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

constexpr unsigned kSeed = 20'251'124;

const json::Value& at(const json::Value& value, std::string_view name) {
  const json::Value* member = value.member(name);
  EXPECT_NE(member, nullptr) << name;
  return *member;
}

const json::Value::Array& edges_of(const json::Value& connection) {
  return std::get<json::Value::Array>(at(connection, "edges").data);
}

struct Setting {
  const char* name;
  Engine engine;
  std::int64_t
      selective_rows_max;  // 0: no filter leads into a table, and every page walks its order
  std::uint64_t read_model_bytes = 0;
};

// Random pages of the server against those of a plain list, over the same data.
class Model : public testing::TestWithParam<Setting> {
 protected:
  Model() : random_(kSeed), pick_([this](std::size_t bound) { return random_() % bound; }) {
    RecordProperty("seed", static_cast<int>(kSeed));
    const storage::TempDirectory directory;
    lists_ = write_model_data(directory.path(), pick_);
    pipeline::PipelineOptions options;
    options.rate_limit = 0;
    options.execution.selective_rows_max = GetParam().selective_rows_max;
    options.read_model_bytes = GetParam().read_model_bytes;
    world_ = std::make_unique<World>(directory.path(), options, GetParam().engine);
    if (options.read_model_bytes > 0) {
      for (const ModelList& list : lists_) {
        for (const std::string& company : list.companies) {
          ask(list, company, "first: 1", "totalCount");
        }
      }
      world_->pipeline().read_model()->wait_until_idle();
    }
  }

  json::Value ask(const ModelList& list, const std::string& company, const std::string& input,
                  const std::string& selection) {
    const std::string document = fmt::format("{{ {}(input: {{{}{}}}) {{ {} }} }}", list.root,
                                             list.fixed_input, input, selection);
    SCOPED_TRACE(document);
    const Answer answer = world_->run({.title = "model",
                                       .method = "POST",
                                       .endpoint = list.endpoint,
                                       .words = {{"token", company}},
                                       .document = document});
    EXPECT_EQ(answer.status, 200) << answer.body;
    auto value = json::read(answer.body);
    EXPECT_TRUE(value);
    EXPECT_EQ(value->member("errors"), nullptr) << answer.body;
    return at(at(*value, "data"), list.root);
  }

  // The cursors of the company's whole list, in order. A bound made of one need not be a row of a
  // page that filters.
  const std::vector<std::string>& cursors(const ModelOrdering& ordering,
                                          const std::string& company) {
    const std::string input =
        fmt::format("first: 1000, orderBy: {}, order: {}", ordering.order->name,
                    ordering.descending ? "DESC" : "ASC");
    std::vector<std::string>& known = cursors_[ordering.list->root + company + input];
    if (known.empty()) {
      const json::Value whole = ask(*ordering.list, company, input, "edges { cursor }");
      for (const json::Value& edge : edges_of(whole)) {
        known.push_back(std::get<std::string>(at(edge, "cursor").data));
      }
    }
    return known;
  }

  void compare_random_page(const ModelList& list);

  std::mt19937 random_;
  Pick pick_;
  std::vector<ModelList> lists_;
  std::unique_ptr<World> world_;
  std::map<std::string, std::vector<std::string>> cursors_;
};

std::vector<std::string> names_of(const ModelList& list, const json::Value& connection) {
  std::vector<std::string> names;
  for (const json::Value& edge : edges_of(connection)) {
    std::string name;
    std::size_t begin = 0;
    while (begin < list.node.size()) {
      const std::size_t end = std::min(list.node.find(' ', begin), list.node.size());
      const std::string field = list.node.substr(begin, end - begin);
      name += (name.empty() ? "" : "/") + std::get<std::string>(at(at(edge, "node"), field).data);
      begin = end + 1;
    }
    names.push_back(std::move(name));
  }
  return names;
}

void Model::compare_random_page(const ModelList& list) {
  const std::string company = list.companies[pick_(4) == 0 ? list.companies.size() - 1 : 0];
  const ModelOrdering ordering{
      .list = &list, .order = &list.orders[pick_(list.orders.size())], .descending = pick_(2) == 0};
  const std::vector<ModelRow> all =
      sorted_rows(ordering, company, [](const ModelRow&) { return true; });
  const std::vector<std::string>& known = cursors(ordering, company);
  ASSERT_EQ(known.size(), all.size());
  const bool from_end = pick_(2) == 0;
  const std::size_t size = 1 + pick_(12);
  std::string input =
      fmt::format("orderBy: {}, order: {}, {}: {}", ordering.order->name,
                  ordering.descending ? "DESC" : "ASC", from_end ? "last" : "first", size);
  const auto bound = [&](const char* name) -> const ModelRow* {
    if (pick_(2) == 0) {
      return nullptr;
    }
    const std::size_t index = pick_(all.size());
    input += fmt::format(", {}: \"{}\"", name, known[index]);
    return &all[index];
  };
  const ModelRow* const after = bound("after");
  const ModelRow* const before = bound("before");
  const ModelNarrowing narrowing = random_narrowing(list, pick_);
  input += narrowing.input.empty() ? "" : ", " + narrowing.input;
  const json::Value page = ask(
      list, company, input,
      fmt::format("totalCount pageInfo {{ hasNextPage hasPreviousPage }} edges {{ node {{ {} }} }}",
                  list.node));
  const ModelPage expected = page_of(ordering, sorted_rows(ordering, company, narrowing.keeps),
                                     after, before, size, from_end);
  ASSERT_EQ(names_of(list, page), expected.names) << list.root << input;
  ASSERT_EQ(std::get<json::Value::Number>(at(page, "totalCount").data).text,
            fmt::to_string(expected.total))
      << list.root << input;
  const json::Value& info = at(page, "pageInfo");
  ASSERT_EQ(std::get<bool>(at(info, "hasNextPage").data), expected.has_next) << input;
  ASSERT_EQ(std::get<bool>(at(info, "hasPreviousPage").data), expected.has_previous) << input;
}

TEST_P(Model, RandomPagesAreThoseOfAPlainList) {
  for (int round = 0; round < 450 && !HasFatalFailure(); ++round) {
    compare_random_page(lists_[static_cast<std::size_t>(round) % lists_.size()]);
  }
  if (const auto* model = world_->pipeline().read_model()) {
    EXPECT_EQ(model->stats().lists, 5U);
    EXPECT_GE(model->stats().hits, 450U);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, Model,
                         testing::Values(Setting{"sqlite_filters_lead", Engine::kSqlite, 2'000},
                                         Setting{"sqlite_orders_are_walked", Engine::kSqlite, 0},
                                         Setting{"sqlite_in_memory", Engine::kSqlite, 2'000,
                                                 std::uint64_t{64} * 1024 * 1024},
                                         Setting{"postgres", Engine::kPostgres, 2'000},
                                         Setting{"postgres_in_memory", Engine::kPostgres, 2'000,
                                                 std::uint64_t{64} * 1024 * 1024}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace matricula::cases
