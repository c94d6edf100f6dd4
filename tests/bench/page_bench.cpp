#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <signal.h>
#include <sqlite3.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vector>

#include "auth/key_file.h"
#include "auth/principal.h"
#include "auth/refusals.h"
#include "auth/secrets.h"
#include "auth/token_service.h"
#include "base/assert.h"
#include "base/log.h"
#include "http/server.h"
#include "json/writer.h"
#include "server/store.h"

// What a page of program progress costs, in CPU time, as ratios within this run:
//   whole server / (a bare loop over the same statement that prints the same bytes
//                   + the same HTTP layer sending a fixed reply of that size)
// usage: page_bench MATRICULA_BINARY STORE_DIRECTORY [LEARNERS]

namespace {

using namespace matricula;
namespace fs = std::filesystem;

constexpr int kRounds = 7;
constexpr int kRequests = 400;

constexpr const char* kFields =
    "userId userEmail userFirstName userLastName enrollmentStatus enrolledAt unenrolledAt "
    "graduatedAt completedAt programKey programVersion programType lastActiveAt learnerHours "
    "completionPercentage projectsRequiredTotal projectsRequiredCompleted onTrackStatus "
    "learningPlanId programTitle updatedAt";

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{} {}\n", result.error().message, result.error().internal);
  }
  MATRICULA_ASSERT(result.has_value());
  return std::move(*result);
}

double cpu_us_of(pid_t process) {
  clockid_t clock = 0;
  MATRICULA_ASSERT(clock_getcpuclockid(process, &clock) == 0);
  timespec time{};
  MATRICULA_ASSERT(clock_gettime(clock, &time) == 0);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A keep-alive connection that sends one request at a time.
class Client {
 public:
  explicit Client(std::uint16_t port) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MATRICULA_ASSERT(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) ==
                     0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::string post(const std::string& token, const std::string& body) {
    const std::string request = fmt::format(
        "POST /api/public/api/v1/program-progress/graphql HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Token {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        token, body.size(), body);
    MATRICULA_ASSERT(::write(socket_, request.data(), request.size()) ==
                     static_cast<ssize_t>(request.size()));
    std::size_t head = std::string::npos;
    std::size_t length = 0;
    buffer_.clear();
    while (head == std::string::npos || buffer_.size() < head + 4 + length) {
      char chunk[65536];
      const ssize_t got = ::read(socket_, chunk, sizeof chunk);
      MATRICULA_ASSERT(got > 0);
      buffer_.append(chunk, static_cast<std::size_t>(got));
      if (head == std::string::npos && (head = buffer_.find("\r\n\r\n")) != std::string::npos) {
        length = std::stoul(buffer_.substr(buffer_.find("Content-Length: ") + 16));
      }
    }
    return buffer_.substr(head + 4);
  }

 private:
  int socket_ = -1;
  std::string buffer_;
};

// A server in a process of its own, so that its CPU time is its alone.
class Process {
 public:
  explicit Process(const std::function<void(int)>& child) {
    int pipe_ends[2];
    MATRICULA_ASSERT(::pipe(pipe_ends) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(pipe_ends[0]);
      child(pipe_ends[1]);
      ::_exit(0);
    }
    ::close(pipe_ends[1]);
    std::string text;
    char c = 0;
    while (::read(pipe_ends[0], &c, 1) == 1 && c != '\n') {
      text += c;
    }
    const std::size_t colon = text.rfind(':');
    MATRICULA_ASSERT(colon != std::string::npos);
    port_ = static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)));
    ::close(pipe_ends[0]);
  }
  ~Process() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  pid_t pid() const { return pid_; }
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

double cost_of(const Process& server, const std::string& token, const std::string& body,
               std::size_t bytes) {
  Client client(server.port());
  MATRICULA_ASSERT(client.post(token, body).size() == bytes);
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const double before = cpu_us_of(server.pid());
    for (int i = 0; i < kRequests; ++i) {
      client.post(token, body);
    }
    rounds.push_back((cpu_us_of(server.pid()) - before) / kRequests);
  }
  return median(rounds);
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
    MATRICULA_ASSERT(sqlite3_open_v2(store.c_str(), &db_, SQLITE_OPEN_READONLY, nullptr) ==
                     SQLITE_OK);
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

double loop_cost(BareLoop& loop) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const double before = cpu_us_of(::getpid());
    for (int i = 0; i < kRequests; ++i) {
      loop.run();
    }
    rounds.push_back((cpu_us_of(::getpid()) - before) / kRequests);
  }
  return median(rounds);
}

void run_or_die(const std::string& command) {
  fmt::print("$ {}\n", command);
  std::fflush(stdout);
  MATRICULA_ASSERT(std::system(command.c_str()) == 0);
}

std::uint64_t resident_kib(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) {
      return std::stoull(line.substr(6));
    }
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  MATRICULA_ASSERT(count >= 3);
  const std::string binary = arguments[1];
  const fs::path directory = arguments[2];
  const std::string learners = count > 3 ? arguments[3] : "500000";
  const std::string store = (directory / "bench.db").string();
  fs::create_directories(directory);
  if (!fs::exists(store)) {
    // One company holds all: depth 1,000,000 exists in it.
    run_or_die(fmt::format("{} generate --companies 1 --learners {} --seed 7 --out {}/data", binary,
                           learners, directory.string()));
    run_or_die(
        fmt::format("{} import --store sqlite:{} {}/data", binary, store, directory.string()));
    fs::remove_all(directory / "data");
  }
  const SystemClock clock;
  std::string company;
  std::string token;
  {
    auto database = must(server::open_store(store, {}, clock));
    auto secrets = must(auth::open_secrets(*database, store, server::key_file_of(store, {})));
    auth::Refusals refusals(clock);
    auth::TokenService tokens(*database, secrets, refusals, clock);
    const storage::Statement first(
        "SELECT company_id FROM program_progress GROUP BY company_id ORDER BY count(*) DESC");
    auto session = must(database->open_reader());
    auto rows = must(session->query(first, {}));
    MATRICULA_ASSERT(must(rows->next()));
    company = rows->text(0);
    rows.reset();
    session.reset();
    const auth::Principal principal = auth::operator_principal();
    token = must(tokens.create({.description = "bench", .company_ids = {company}},
                               {.principal = principal, .address = "local"}))
                .unredacted_token;
  }
  BareLoop loop(store, company);
  const std::string bytes = loop.run();

  const auto started = std::chrono::steady_clock::now();
  const Process server([&](int out) {
    ::dup2(out, 1);
    ::execl(binary.c_str(), "matricula", "serve", "--store", ("sqlite:" + store).c_str(),
            "--listen", "127.0.0.1:0", "--rate-limit", "0", "--threads", "1", "--log-level",
            "error", nullptr);
  });
  Client first(server.port());
  MATRICULA_ASSERT(first.post(token, request_body("")) == bytes);
  const double start_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
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

  const double page = cost_of(server, token, request_body(""), bytes.size());
  const double bare = loop_cost(loop);
  const double http_only = cost_of(fixed, token, request_body(""), bytes.size());
  fmt::print(
      "page of 50 rows, {} bytes, CPU us a request: server {:.1f}, bare loop {:.1f}, fixed "
      "reply {:.1f}\n",
      bytes.size(), page, bare, http_only);
  fmt::print("ratio server / (loop + fixed reply): {:.2f} (bound 1.5)\n",
             page / (bare + http_only));

  // The cursor at the depth: by pages of a thousand, as a client would.
  std::string cursor;
  std::uint64_t depth = 0;
  Client walker(server.port());
  while (depth < 1'000'000) {
    const std::string body = fmt::format(
        R"({{"query":"query P($a: String) {{ programProgress(input: {{first: 1000, after: $a}}) {{ pageInfo {{ hasNextPage endCursor }} }} }}","variables":{{"a":{}}}}})",
        cursor.empty() ? "null" : "\"" + cursor + "\"");
    const std::string answer = walker.post(token, body);
    const std::size_t begin = answer.find("\"endCursor\":\"") + 13;
    cursor = answer.substr(begin, answer.find('"', begin) - begin);
    depth += 1000;
    if (answer.find("\"hasNextPage\":true") == std::string::npos) {
      break;
    }
  }
  const std::size_t deep_bytes = walker.post(token, request_body(cursor)).size();
  const double deep = cost_of(server, token, request_body(cursor), deep_bytes);
  const double again = cost_of(server, token, request_body(""), bytes.size());
  fmt::print("page at depth {}: {:.1f} us, first page again {:.1f} us, ratio {:.2f} (bound 1.1)\n",
             depth, deep, again, deep / again);
  fmt::print("start to first answer: {:.0f} ms (bound 200); resident {} KiB\n", start_ms,
             resident_kib(server.pid()));
  return 0;
}
