#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <sqlite3.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "http/server.h"
#include "json/writer.h"
#include "tests/bench/big_store.h"
#include "tests/bench/measure.h"

// What a page of program progress costs, in CPU time, as ratios within this run:
//   whole server / (a bare loop over the same statement that prints the same bytes
//                   + the same HTTP layer sending a fixed reply of that size)
// usage: page_bench [STORE_DIRECTORY [LEARNERS]]; a store that is there is used again.

namespace {

using namespace matricula;
using namespace matricula::bench;
namespace fs = std::filesystem;

constexpr int kRounds = 7;
constexpr int kRequests = 300;

constexpr const char* kFields =
    "userId userEmail userFirstName userLastName enrollmentStatus enrolledAt unenrolledAt "
    "graduatedAt completedAt programKey programVersion programType lastActiveAt learnerHours "
    "completionPercentage projectsRequiredTotal projectsRequiredCompleted onTrackStatus "
    "learningPlanId programTitle updatedAt";

// CPU time of one request, over a round of them.
double round_cost(const Process& server, Client& client, const std::string& token,
                  const std::string& body) {
  const double before = cpu_us_of(server.pid());
  for (int i = 0; i < kRequests; ++i) {
    client.post(token, body);
  }
  return (cpu_us_of(server.pid()) - before) / kRequests;
}

std::string request_body(const std::string& after) {
  return fmt::format(
      R"({{"query":"query P($a: String) {{ programProgress(input: {{after: $a}}) {{ edges {{ node {{ {} }} }} }} }}","variables":{{"a":{}}}}})",
      kFields, after.empty() ? "null" : "\"" + after + "\"");
}

// The statement of the first page as the server makes it, every column read and written as JSON.
class BareLoop {
 public:
  BareLoop(const std::string& store, std::string company) : company_(std::move(company)) {
    // No mutex, as in the server: without it the loop is a sixth quicker.
    MATRICULA_ASSERT(sqlite3_open_v2(store.c_str(), &db_,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                                     nullptr) == SQLITE_OK);
    sqlite3_exec(db_, "PRAGMA mmap_size=2147418112; PRAGMA cache_size=-65536;", nullptr, nullptr,
                 nullptr);
    const char* sql =
        "SELECT t.user_id, u.email, u.first_name, u.last_name, t.enrollment_status, t.enrolled_at,"
        " t.unenrolled_at, t.graduated_at, t.completed_at, t.program_key, t.program_version,"
        " t.program_type, t.last_active_at, t.learner_hours, t.completion_percentage,"
        " t.projects_required_total, t.projects_required_completed, t.on_track_status,"
        " t.learning_plan_id, p.title, t.updated_at, t.email_key, t.user_id, t.program_key"
        " FROM program_progress t JOIN users u ON u.id = t.user_id"
        " LEFT JOIN program_titles p ON p.key = t.program_key"
        " WHERE t.company_id = ?1 ORDER BY t.email_key, t.user_id, t.program_key LIMIT 51";
    MATRICULA_ASSERT(sqlite3_prepare_v2(db_, sql, -1, &statement_, nullptr) == SQLITE_OK);
  }
  ~BareLoop() {
    sqlite3_finalize(statement_);
    sqlite3_close(db_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  const std::string& run() {
    static constexpr const char* kNames[] = {"userId",
                                             "userEmail",
                                             "userFirstName",
                                             "userLastName",
                                             "enrollmentStatus",
                                             "enrolledAt",
                                             "unenrolledAt",
                                             "graduatedAt",
                                             "completedAt",
                                             "programKey",
                                             "programVersion",
                                             "programType",
                                             "lastActiveAt",
                                             "learnerHours",
                                             "completionPercentage",
                                             "projectsRequiredTotal",
                                             "projectsRequiredCompleted",
                                             "onTrackStatus",
                                             "learningPlanId",
                                             "programTitle",
                                             "updatedAt"};
    static constexpr const char kKinds[] = "uttttTTTTtttTrriittttT";
    out_.clear();
    out_ += R"({"data":{"programProgress":{"edges":[)";
    sqlite3_bind_text(statement_, 1, company_.data(), static_cast<int>(company_.size()),
                      SQLITE_STATIC);
    for (int row = 0; sqlite3_step(statement_) == SQLITE_ROW && row < 50; ++row) {
      out_ += row == 0 ? R"({"node":{)" : R"(,{"node":{)";
      for (int column = 0; column < 21; ++column) {
        out_ += column == 0 ? "\"" : ",\"";
        out_ += kNames[column];
        out_ += "\":";
        value(column, column == 20 ? 'T' : kKinds[column]);
      }
      out_ += "}}";
    }
    out_ += "]}}}";
    sqlite3_reset(statement_);
    return out_;
  }

 private:
  void value(int column, char kind) {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
      out_ += "null";
    } else if (kind == 'T') {
      json::append_time(out_, sqlite3_column_int64(statement_, column));
    } else if (kind == 'i') {
      json::append_integer(out_, sqlite3_column_int64(statement_, column));
    } else if (kind == 'r') {
      json::append_float(out_, sqlite3_column_double(statement_, column));
    } else if (kind == 'u') {
      json::append_uuid(
          out_, {static_cast<const std::byte*>(sqlite3_column_blob(statement_, column)), 16});
    } else {
      json::append_string(out_,
                          {reinterpret_cast<const char*>(sqlite3_column_text(statement_, column)),
                           static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))});
    }
  }

  std::string company_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  std::string out_;
};

double round_cost(BareLoop& loop) {
  const double before = cpu_us_of(::getpid());
  for (int i = 0; i < kRequests; ++i) {
    loop.run();
  }
  return (cpu_us_of(::getpid()) - before) / kRequests;
}

// Pages through a list by pages of a thousand, as a client would, at most to `rows_max`; gives how
// far it came and the cursor there.
std::pair<std::uint64_t, std::string> walk(const Process& server, const std::string& token,
                                           std::uint64_t rows_max) {
  Client client(server.port());
  std::string cursor;
  std::uint64_t depth = 0;
  while (depth < rows_max) {
    const std::string body = fmt::format(
        R"({{"query":"query P($a: String) {{ programProgress(input: {{first: 1000, after: $a}}) {{ pageInfo {{ hasNextPage endCursor }} }} }}","variables":{{"a":{}}}}})",
        cursor.empty() ? "null" : "\"" + cursor + "\"");
    const std::string answer = client.post(token, body);
    if (answer.find("\"hasNextPage\":true") == std::string::npos) {
      break;
    }
    const std::size_t begin = answer.find("\"endCursor\":\"") + 13;
    cursor = answer.substr(begin, answer.find('"', begin) - begin);
    depth += 1000;
  }
  return {depth, cursor};
}

// What counting costs: one request with the count alone, the first time and when it is known.
void print_counts(const Process& server, const std::string& token) {
  Client client(server.port());
  for (const char* filter :
       {"", "(input: {filter: {enrollmentStatus: [GRADUATED]}})",
        "(input: {filter: {onTrackStatus: [OFF_TRACK], programType: [COURSE]}})",
        R"((input: {filter: {completedAt: {from: \"2020-01-01T00:00:00Z\"}}}))",
        R"((input: {query: \"smith\"}))"}) {
    const std::string body =
        fmt::format(R"({{"query":"{{ programProgress{} {{ totalCount }} }}"}})", filter);
    double cost[2];
    std::string answer;
    for (double& each : cost) {
      const double before = cpu_us_of(server.pid());
      answer = client.post(token, body);
      each = (cpu_us_of(server.pid()) - before) / 1e3;
    }
    fmt::print("count{}: {}: {:.2f} ms, again {:.2f} ms\n", filter, answer, cost[0], cost[1]);
  }
}

// The program over the store, with so many bytes for lists in memory.
std::function<void(int)> serving(const std::string& store, const char* bytes) {
  return [store, bytes](int out) {
    ::dup2(out, 1);
    ::execl(matricula_binary().c_str(), "matricula", "serve", "--store",
            ("sqlite:" + store).c_str(), "--listen", "127.0.0.1:0", "--rate-limit", "0",
            "--threads", "1", "--read-model-bytes", bytes, "--log-level", "error", nullptr);
  };
}

}  // namespace

int main(int count, char** arguments) {
  const fs::path directory = count > 1 ? arguments[1] : "build/bench/data";
  const std::string store = (directory / "bench.db").string();
  make_store(directory, store, count > 2 ? arguments[2] : "600000");
  const SystemClock clock;
  const auto [company, token] = make_access(store, clock);
  BareLoop loop(store, company);
  const std::string bytes = loop.run();

  {
    // With lists in memory, as by default: none is there yet.
    const auto started = std::chrono::steady_clock::now();
    const Process starting(serving(store, "1000000000"));
    MATRICULA_ASSERT(Client(starting.port()).post(token, request_body("")) == bytes);
    fmt::print("start to first answer: {:.0f} ms (bound 200)\n",
               std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started)
                   .count());
  }
  const Process server(serving(store, "0"));
  Client client(server.port());
  const Process fixed([&](int out) {
    NullLogger logger;
    const auto shared = std::make_shared<const std::string>(bytes);
    auto fixed_server = must(http::Server::start(
        {.port = 0, .loops = 1, .access_log = false},
        [&](const http::Request&, http::Responder responder) {
          responder.send({.content_type = "application/json", .shared_body = shared});
        },
        clock, logger));
    const std::string line = fmt::format(":{}\n", fixed_server->port());
    MATRICULA_ASSERT(::write(out, line.data(), line.size()) > 0);
    ::pause();
  });
  Client fixed_client(fixed.port());
  const auto [depth, cursor] = walk(server, token, 1'000'000);

  std::vector<double> first;
  std::vector<double> bare;
  std::vector<double> http_only;
  std::vector<double> whole_ratio;
  std::vector<double> depth_ratio;
  for (int round = 0; round < kRounds; ++round) {
    first.push_back(round_cost(server, client, token, request_body("")));
    const double deep = round_cost(server, client, token, request_body(cursor));
    bare.push_back(round_cost(loop));
    http_only.push_back(round_cost(fixed, fixed_client, token, request_body("")));
    whole_ratio.push_back(first.back() / (bare.back() + http_only.back()));
    depth_ratio.push_back(deep / first.back());
  }
  fmt::print(
      "page of 50 rows, {} bytes, CPU us a request: server {:.1f}, bare loop {:.1f}, fixed reply "
      "{:.1f}; server / (loop + reply): {:.2f} (bound 1.5)\n",
      bytes.size(), median(first), median(bare), median(http_only), median(whole_ratio));
  fmt::print("page at depth {} / first page: {:.2f} (bound 1.1)\n", depth, median(depth_ratio));
  print_counts(server, token);
  const Memory memory = memory_of(server.pid());
  fmt::print("resident: {} KiB of its own (SQLite's page cache within), {} KiB of mapped files\n",
             memory.anonymous_kib, memory.file_kib);
  return 0;
}
