#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <random>

#include "base/text.h"
#include "base/time_text.h"
#include "json/value.h"
#include "json/writer.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

constexpr Timestamp kBase = 1'735'689'600'000'000;  // 2025-01-01
constexpr std::int64_t kDay = 86'400'000'000;
constexpr Timestamp kNever = INT64_MIN;

// A row of program progress as a plain value: few distinct ones in each column, so that ties, nulls
// and empty results are common.
struct Row {
  std::string company;
  std::string user;
  std::string program;
  std::string email;
  std::string title;
  std::string status;
  std::string track;
  Timestamp enrolled = 0;
  Timestamp active = kNever;
  std::int64_t projects = 0;
  double percentage = 0;
  Timestamp updated = 0;
};

struct Data {
  std::vector<Row> rows;
  std::map<std::string, std::string> names;  // by user: what search looks into, lower case
};

const char* const kStatuses[] = {"ENROLLED", "GRADUATED", "STATIC_ACCESS", "UNENROLLED"};
const char* const kTracks[] = {"ON_TRACK", "OFF_TRACK", "MONITOR"};
const char* const kOrders[] = {"EMAIL",       "PROGRAM_TITLE",        "ENROLLMENT_STATUS",
                               "LAST_ACTIVE", "COMPLETED_PROJECTS",   "ENROLLED_AT",
                               "UPDATED_AT",  "COMPLETION_PERCENTAGE"};

std::string quoted(const std::string& text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

class Writer {
 public:
  explicit Writer(const std::string& directory) : directory_(directory) {}

  Data write(std::mt19937& random) {
    const auto pick = [&](int bound) {
      return static_cast<int>(random() % static_cast<unsigned>(bound));
    };
    Data data;
    line("companies", R"({"id":"1","slug":"one","name":"One"})");
    line("companies", R"({"id":"2","slug":"two","name":"Two"})");
    for (int p = 0; p < 8; ++p) {
      // Two programs share a title; the last two are in no catalog.
      if (p < 6) {
        line("programs",
             fmt::format(
                 R"({{"key":"p{}","locale":"en-us","version":1,"type":"COURSE","title":"{}",)"
                 R"("summary":"","syllabusUrl":"https://x.example","imageUrl":"https://x.example",)"
                 R"("redirectUrl":"https://x.example","duration":"P1D",)"
                 R"("modifiedDate":"2025-01-01T00:00:00Z","skillNames":[]}})",
                 p, titles_[p / 2 * 2]));
      }
    }
    for (int u = 0; u < 60; ++u) {
      const std::string id = fmt::format("00000000-0000-4000-8000-0000000000{:02x}", u);
      const std::string email = fmt::format("{}{}@X.example", emails_[pick(4)], u);
      const std::string first = firsts_[pick(4)];
      const std::string last = lasts_[pick(3)];
      line("users", fmt::format(R"({{"id":"{}","email":{},"firstName":{},"lastName":{}}})", id,
                                quoted(email), quoted(first), quoted(last)));
      data.names[id] = to_lower(email) + "\n" + to_lower(first + " " + last);
      for (const char* company : {"1", "2"}) {
        for (int p = 0; p < 8; ++p) {
          if (pick(4) != 0) {
            continue;
          }
          Row row{.company = company,
                  .user = id,
                  .program = fmt::format("p{}", p),
                  .email = to_lower(email),
                  .title = p < 6 ? to_lower(titles_[p / 2 * 2]) : fmt::format("p{}", p),
                  .status = kStatuses[pick(4)],
                  .track = kTracks[pick(3)],
                  .enrolled = kBase + pick(5) * kDay,
                  .active = pick(3) == 0 ? kNever : kBase + pick(4) * kDay,
                  .projects = pick(4),
                  .percentage = pick(5) * 12.5,
                  .updated = kBase + pick(6) * kDay + pick(2)};
          write_row(row);
          data.rows.push_back(std::move(row));
        }
      }
    }
    return data;
  }

 private:
  void write_row(const Row& row) {
    line("program_progress",
         fmt::format(R"({{"companyId":"{}","userId":"{}","programKey":"{}","programVersion":"1",)"
                     R"("programType":"COURSE","enrollmentStatus":"{}","enrolledAt":"{}",{})"
                     R"("learnerHours":1,"completionPercentage":{},"projectsRequiredTotal":4,)"
                     R"("projectsRequiredCompleted":{},"onTrackStatus":"{}","updatedAt":"{}"}})",
                     row.company, row.user, row.program, row.status, time_text(row.enrolled),
                     row.active == kNever
                         ? std::string()
                         : fmt::format(R"("lastActiveAt":"{}",)", time_text(row.active)),
                     row.percentage, row.projects, row.track, time_text(row.updated)));
  }

  void line(const std::string& entity, const std::string& text) {
    std::ofstream(directory_ + "/" + entity + ".ndjson", std::ios::app) << text << '\n';
  }

  std::string directory_;
  const char* const titles_[6] = {"Ängste", "", "SQL", "", "ängste", ""};
  const char* const emails_[4] = {"Ann", "bob", "Ünal", "zoe"};
  const char* const firsts_[4] = {"Ann", "ÉLODIE", "دينا", "Bo"};
  const char* const lasts_[3] = {"Ng", "O'Hara", "Ångström"};
};

// Less-than of the order, ties by user and program.
using Key = std::tuple<std::variant<std::int64_t, double, std::string>, std::string, std::string>;

Key key_of(const Row& row, const std::string& order) {
  std::variant<std::int64_t, double, std::string> key;
  if (order == "EMAIL") {
    key = row.email;
  } else if (order == "PROGRAM_TITLE") {
    key = row.title;
  } else if (order == "ENROLLMENT_STATUS") {
    key = row.status;
  } else if (order == "LAST_ACTIVE") {
    key = row.active;
  } else if (order == "COMPLETED_PROJECTS") {
    key = row.projects;
  } else if (order == "ENROLLED_AT") {
    key = row.enrolled;
  } else if (order == "UPDATED_AT") {
    key = row.updated;
  } else {
    key = row.percentage;
  }
  return {key, row.user, row.program};
}

// A random narrowing: its GraphQL text, and the same as a predicate.
struct Narrowing {
  std::string input;
  std::function<bool(const Row&)> keeps = [](const Row&) { return true; };
};

Narrowing random_narrowing(std::mt19937& random, const Data& data) {
  const auto pick = [&](int bound) {
    return static_cast<int>(random() % static_cast<unsigned>(bound));
  };
  const int day = pick(6);
  switch (pick(9)) {
    case 0: {
      const std::string status = kStatuses[pick(4)];
      return {fmt::format("filter: {{enrollmentStatus: [{}]}}", status),
              [=](const Row& row) { return row.status == status; }};
    }
    case 1: {
      const std::string a = fmt::format("p{}", pick(9));
      const std::string track = kTracks[pick(3)];
      return {fmt::format("filter: {{programKeys: [\"{}\", \"p0\"], onTrackStatus: {}}}", a, track),
              [=](const Row& row) {
                return (row.program == a || row.program == "p0") && row.track == track;
              }};
    }
    case 2: {
      const std::string user = data.rows[random() % data.rows.size()].user;
      return {fmt::format("filter: {{userIds: [\"{}\"]}}", user),
              [=](const Row& row) { return row.user == user; }};
    }
    case 3:
      return {fmt::format("filter: {{updatedAt: {{from: \"{}\"}}}}", time_text(kBase + day * kDay)),
              [=](const Row& row) { return row.updated >= kBase + day * kDay; }};
    case 4:
      return {
          fmt::format("filter: {{lastActiveAt: {{to: \"{}\"}}}}", time_text(kBase + day * kDay)),
          [=](const Row& row) { return row.active != kNever && row.active < kBase + day * kDay; }};
    case 5:
      return {
          fmt::format("filter: {{completionPercentage: {{from: 12.5, to: {}}}}}", day * 12.5),
          [=](const Row& row) { return row.percentage >= 12.5 && row.percentage <= day * 12.5; }};
    case 6: {
      const char* const needles[] = {"ann", "É", "b", "o ng", "@x", "zzz", "ün", "n o'"};
      const std::string needle = needles[pick(8)];
      return {fmt::format("query: {}", quoted(needle)), [needle, &data](const Row& row) {
                return data.names.at(row.user).find(to_lower(needle)) != std::string::npos;
              }};
    }
    default:
      return {};
  }
}

struct Expected {
  std::vector<std::string> keys = {};
  bool next = false;
  bool previous = false;
  std::size_t total = 0;
};

const json::Value& at(const json::Value& value, std::string_view name) {
  const json::Value* member = value.member(name);
  EXPECT_NE(member, nullptr) << name;
  return *member;
}

class Model : public testing::TestWithParam<Engine> {
 protected:
  Model() : random_(20'251'124) {
    storage::TempDirectory directory;
    data_ = Writer(directory.path()).write(random_);
    pipeline::PipelineOptions options;
    options.rate_limit = 0;
    world_ = std::make_unique<World>(directory.path(), options, GetParam());
  }

  json::Value ask(const std::string& company, const std::string& document) {
    const Answer answer = world_->run({.title = "model",
                                       .method = "POST",
                                       .endpoint = "program-progress",
                                       .words = {{"token", company}},
                                       .document = document});
    EXPECT_EQ(answer.status, 200) << answer.body;
    auto value = json::read(answer.body);
    EXPECT_TRUE(value);
    EXPECT_EQ(value->member("errors"), nullptr) << document << "\n" << answer.body;
    return at(at(*value, "data"), "programProgress");
  }

  std::vector<Row> sorted(const std::string& company, const std::string& order, bool descending,
                          const std::function<bool(const Row&)>& keeps) const {
    std::vector<Row> rows;
    std::ranges::copy_if(data_.rows, std::back_inserter(rows),
                         [&](const Row& row) { return row.company == company && keeps(row); });
    std::ranges::sort(rows, [&](const Row& a, const Row& b) {
      return descending ? key_of(b, order) < key_of(a, order) : key_of(a, order) < key_of(b, order);
    });
    return rows;
  }

  std::mt19937 random_;
  Data data_;
  std::unique_ptr<World> world_;
};

std::vector<std::string> keys_of(const json::Value& connection) {
  std::vector<std::string> keys = {};
  for (const json::Value& edge : std::get<json::Value::Array>(at(connection, "edges").data)) {
    const json::Value& node = at(edge, "node");
    keys.push_back(std::get<std::string>(at(node, "userId").data) + "/" +
                   std::get<std::string>(at(node, "programKey").data));
  }
  return keys;
}

// The rows of a page by the contract's words: bounds cut the whole list, then one end is taken.
Expected page_of(const std::vector<Row>& rows, const std::string& order, bool descending,
                 const Row* after, const Row* before, std::size_t size, bool from_end) {
  const auto precedes = [&](const Row& a, const Row& b) {
    return descending ? key_of(b, order) < key_of(a, order) : key_of(a, order) < key_of(b, order);
  };
  Expected out{.total = rows.size()};
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if ((after == nullptr || precedes(*after, rows[i])) &&
        (before == nullptr || precedes(rows[i], *before))) {
      inside.push_back(i);
    }
  }
  const std::size_t count = std::min(size, inside.size());
  const std::size_t first = from_end ? inside.size() - count : 0;
  for (std::size_t i = first; i < first + count; ++i) {
    out.keys.push_back(rows[inside[i]].user + "/" + rows[inside[i]].program);
  }
  const auto at_or_beyond = [&](const Row* bound, bool behind) {
    return bound != nullptr && std::ranges::any_of(rows, [&](const Row& row) {
             return behind ? !precedes(*bound, row) : !precedes(row, *bound);
           });
  };
  out.next =
      from_end ? at_or_beyond(before, false) : inside.size() > count || at_or_beyond(before, false);
  out.previous =
      from_end ? inside.size() > count || at_or_beyond(after, true) : at_or_beyond(after, true);
  return out;
}

TEST_P(Model, RandomPagesAreThoseOfAPlainList) {
  for (int round = 0; round < 600; ++round) {
    const std::string order = kOrders[random_() % 8];
    const bool descending = random_() % 2 == 0;
    const std::string company = random_() % 4 == 0 ? "2" : "1";
    const Narrowing narrowing = random_narrowing(random_, data_);
    // Cursors come from the list without the narrowing: a bound need not be a row of the page.
    const std::vector<Row> all =
        sorted(company, order, descending, [](const Row&) { return true; });
    const json::Value whole = ask(
        company, fmt::format("{{ programProgress(input: {{first: 1000, orderBy: {}, order: {}}}) {{"
                             " edges {{ cursor node {{ userId programKey }} }} }} }}",
                             order, descending ? "DESC" : "ASC"));
    const auto& edges = std::get<json::Value::Array>(at(whole, "edges").data);
    ASSERT_EQ(edges.size(), all.size());
    const auto bound = [&](const char* name, std::string& input) -> const Row* {
      if (random_() % 2 == 0) {
        return nullptr;
      }
      const std::size_t index = random_() % all.size();
      input +=
          fmt::format(", {}: \"{}\"", name, std::get<std::string>(at(edges[index], "cursor").data));
      return &all[index];
    };
    const bool from_end = random_() % 2 == 0;
    const std::size_t size = 1 + random_() % 12;
    std::string input = fmt::format("orderBy: {}, order: {}, {}: {}", order,
                                    descending ? "DESC" : "ASC", from_end ? "last" : "first", size);
    const Row* after = bound("after", input);
    const Row* before = bound("before", input);
    if (!narrowing.input.empty()) {
      input += ", " + narrowing.input;
    }
    const std::string document = fmt::format(
        "{{ programProgress(input: {{{}}}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage }}"
        " edges {{ node {{ userId programKey }} }} }} }}",
        input);
    const json::Value page = ask(company, document);
    const Expected expected = page_of(sorted(company, order, descending, narrowing.keeps), order,
                                      descending, after, before, size, from_end);
    ASSERT_EQ(keys_of(page), expected.keys) << document;
    ASSERT_EQ(std::get<json::Value::Number>(at(page, "totalCount").data).text,
              fmt::to_string(expected.total))
        << document;
    const json::Value& info = at(page, "pageInfo");
    ASSERT_EQ(std::get<bool>(at(info, "hasNextPage").data), expected.next) << document;
    ASSERT_EQ(std::get<bool>(at(info, "hasPreviousPage").data), expected.previous) << document;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, Model, testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& each) {
                           return each.param == Engine::kSqlite ? "sqlite" : "postgres";
                         });

}  // namespace
}  // namespace matricula::cases
