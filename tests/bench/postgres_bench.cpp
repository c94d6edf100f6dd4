#include <array>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <libpq-fe.h>
#include <map>
#include <memory>
#include <sched.h>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "auth/access/token_service.h"
#include "auth/secrets/key_file.h"
#include "auth/trail/refusals.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"
#include "tests/bench/measure.h"
#include "tests/nodes/node.h"

// Pages of 50 rows of program progress over PostgreSQL: through the server as it is by default,
// token, limit and JSON included, next to a bare loop that sends the same query in libpq's pipeline
// mode and throws the rows away. In turns, in one run, with as many pages under way: once with a
// processor for PostgreSQL alone, which then decides how many pages there are, as where it has a
// machine of its own; once with all programs on all processors, where pages a second say what
// clients, server and PostgreSQL cost together. The CPU time of PostgreSQL's processes is told as
// well.
//
// usage: postgres_bench [LEARNERS]

namespace {

using namespace matricula;
using namespace matricula::bench;
using storage::postgres::PrivateCluster;

constexpr int kRounds = 5;
constexpr int kConnections = 4;
constexpr int kPipelineDepth = 16;
// As many pages under way at once for the server as for the loop.
constexpr int kClients = kConnections * kPipelineDepth;
constexpr int kPages = 4'096;
// Many identities, as a server has them: each has its limit, and a row of its own that is locked.
constexpr std::size_t kTokens = 256;

constexpr const char* kPage =
    "SELECT t.user_id, u.email, u.first_name, u.last_name, t.enrollment_status, t.enrolled_at, "
    "t.program_key, p.title, t.completion_percentage, t.last_active_at, t.email_key FROM "
    "program_progress t JOIN users u ON u.id = t.user_id LEFT JOIN program_titles p ON p.key = "
    "t.program_key WHERE t.company_id = $1 ORDER BY t.email_key, t.user_id, t.program_key LIMIT 50";
constexpr const char* kDocument =
    "{ programProgress(input: {first: 50}) { edges { node { userId userEmail userFirstName "
    "userLastName enrollmentStatus enrolledAt programKey programTitle completionPercentage "
    "lastActiveAt } } } }";

using Link = std::unique_ptr<PGconn, decltype(&PQfinish)>;

void ask(PGconn* link, const std::string& company) {
  const char* const values[] = {company.c_str()};
  MATRICULA_ASSERT(PQsendQueryPrepared(link, "page", 1, values, nullptr, nullptr, 1) == 1 &&
                   PQpipelineSync(link) == 1);
}

void take(PGconn* link) {
  PGresult* rows = PQgetResult(link);
  MATRICULA_ASSERT(PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 50);
  PQclear(rows);
  MATRICULA_ASSERT(PQgetResult(link) == nullptr);
  PGresult* sync = PQgetResult(link);
  MATRICULA_ASSERT(PQresultStatus(sync) == PGRES_PIPELINE_SYNC);
  PQclear(sync);
}

void loop_bare(const std::string& url, const std::string& company) {
  const Link link(PQconnectdb(url.c_str()), PQfinish);
  PQclear(PQexec(link.get(), "SET plan_cache_mode = force_generic_plan"));
  PQclear(PQexec(link.get(), "SET enable_hashjoin = off"));
  PQclear(PQexec(link.get(), "SET enable_mergejoin = off"));
  PQclear(PQprepare(link.get(), "page", kPage, 1, nullptr));
  MATRICULA_ASSERT(PQenterPipelineMode(link.get()) == 1);
  for (int i = 0; i < kPipelineDepth; ++i) {
    ask(link.get(), company);
  }
  for (int i = kPipelineDepth; i < kPages / kConnections; ++i) {
    take(link.get());
    ask(link.get(), company);
  }
  for (int i = 0; i < kPipelineDepth; ++i) {
    take(link.get());
  }
}

struct PostgresProcess {
  pid_t id;
  long ticks;  // of it, and of its children that ended
};

// Our child that is PostgreSQL, and its processes.
std::vector<PostgresProcess> postgres_processes() {
  struct Entry {
    std::string name;
    long parent = 0;
    long ticks = 0;
  };
  std::map<long, Entry> processes;
  for (const auto& file : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stat(file.path() / "stat");
    std::string line;
    if (!std::getline(stat, line)) {
      continue;
    }
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');
    std::istringstream fields(line.substr(close + 3));
    Entry entry{.name = line.substr(open + 1, close - open - 1)};
    fields >> entry.parent;
    std::string skipped;
    for (int i = 0; i < 9; ++i) {
      fields >> skipped;
    }
    for (int i = 0; i < 4; ++i) {  // utime, stime, cutime, cstime: proc(5)
      long ticks = 0;
      fields >> ticks;
      entry.ticks += ticks;
    }
    processes.emplace(std::stol(line), entry);
  }
  std::vector<PostgresProcess> found;
  for (const auto& [id, process] : processes) {
    const auto parent = processes.find(process.parent);
    const bool is_ours = process.parent == ::getpid() ||
                         (parent != processes.end() && parent->second.parent == ::getpid());
    if (is_ours && process.name == "postgres") {
      found.push_back({.id = static_cast<pid_t>(id), .ticks = process.ticks});
    }
  }
  return found;
}

double postgres_cpu_us() {
  long ticks = 0;
  for (const PostgresProcess& process : postgres_processes()) {
    ticks += process.ticks;
  }
  return static_cast<double>(ticks) * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// Where the programs run. Apart: PostgreSQL has a processor, and all else has the others, as if it
// had a machine of its own.
enum class Placement { kApart, kShared };

void place(Placement placement) {
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  cpu_set_t stores;
  cpu_set_t others;
  CPU_ZERO(&stores);
  CPU_ZERO(&others);
  for (long i = 0; i < processors; ++i) {
    CPU_SET(static_cast<std::size_t>(i), &others);
  }
  if (placement == Placement::kApart && processors > 1) {
    CPU_SET(0, &stores);
    CPU_CLR(0, &others);
  } else {
    stores = others;
  }
  for (const PostgresProcess& process : postgres_processes()) {
    MATRICULA_ASSERT(::sched_setaffinity(process.id, sizeof stores, &stores) == 0);
  }
  MATRICULA_ASSERT(::sched_setaffinity(0, sizeof others, &others) == 0);
}

struct Cost {
  double pages_a_second;
  double postgres_us;  // a page
};

// What it costs to run something that gets kPages pages.
Cost cost_of(const std::function<void()>& run) {
  const double cpu_before = postgres_cpu_us();
  const auto began = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return {.pages_a_second = kPages / took.count(),
          .postgres_us = (postgres_cpu_us() - cpu_before) / kPages};
}

struct Subject {
  std::string label;
  std::string owner;  // the store's address, for the bare loop
  std::vector<std::string> options;
  std::string company;
  std::vector<std::string> tokens;
};

void compare(const Subject& subject) {
  nodes::Node node(subject.options);
  node.await_start();
  const std::string body = fmt::format(R"({{"query":"{}"}})", kDocument);
  std::vector<double> ratios;
  std::vector<double> postgres_ratios;
  const auto loop = [&] {
    std::vector<std::jthread> threads;
    threads.reserve(kConnections);
    for (int i = 0; i < kConnections; ++i) {
      threads.emplace_back([&] { loop_bare(subject.owner, subject.company); });
    }
  };
  const auto serve = [&] { ask_many(node.port(), subject.tokens, body, kClients, kPages); };
  // Each worker learns most of the tokens first.
  serve();
  serve();
  for (int round = 0; round < kRounds; ++round) {
    const Cost bare = cost_of(loop);
    const Cost served = cost_of(serve);
    fmt::print(
        "{}: libpq loop {:5.0f} pages/s, {:3.0f} us of PostgreSQL's a page; server {:5.0f} "
        "pages/s, {:3.0f} us\n",
        subject.label, bare.pages_a_second, bare.postgres_us, served.pages_a_second,
        served.postgres_us);
    ratios.push_back(served.pages_a_second / bare.pages_a_second);
    postgres_ratios.push_back(bare.postgres_us / served.postgres_us);
  }
  fmt::print(
      "{}: the server reaches {:.0f} % of the loop's pages (bound 80), and {:.0f} % of the pages "
      "for the same time of PostgreSQL's\n",
      subject.label, median(ratios) * 100, median(postgres_ratios) * 100);
}

}  // namespace

int main(int count, char** arguments) {
  const SystemClock clock;
  const storage::TempDirectory directory;
  PrivateCluster& cluster = PrivateCluster::instance();
  const std::string name = cluster.new_database();
  const auto database =
      must(server::open_store(cluster.url(name), {.app_role = "matricula_app"}, clock));
  exchange::GenerateOptions generated{.out = directory.file("data"), .companies = 1};
  generated.learners = count > 1 ? std::stoul(arguments[1]) : 5'000;
  must(exchange::generate(generated, clock));
  must(exchange::import_paths(*database, std::span(&generated.out, 1), {}, clock));
  cluster.run("VACUUM ANALYZE", name);

  const storage::Statement first("SELECT id FROM companies LIMIT 1");
  std::string company;
  {
    const auto session = must(database->open_reader());
    const auto rows = must(session->query(first, {}));
    MATRICULA_ASSERT(must(rows->next()));
    company = rows->text(0);
  }
  const auth::Secrets secrets =
      must(auth::open_secrets(*database, "store", directory.file("keys")));
  auth::Refusals refusals(clock);
  const auth::Principal oper = auth::operator_principal();
  auth::TokenService tokens(*database, secrets, refusals, clock);
  std::vector<std::string> made;
  made.reserve(kTokens);
  for (std::size_t i = 0; i < kTokens; ++i) {
    made.push_back(must(tokens.create({.description = "bench", .company_ids = {company}},
                                      {.principal = oper, .address = "local"}))
                       .unredacted_token);
  }
  for (const Placement placement : {Placement::kApart, Placement::kShared}) {
    place(placement);
    for (const char* limit : {"0", "500"}) {
      compare(
          {.label = fmt::format("{}, limit {:>3}",
                                placement == Placement::kApart ? "apart" : "shared", limit),
           .owner = cluster.url(name),
           .options = {"--store", cluster.url(name, "matricula_app"), "--key-file",
                       directory.file("keys"), "--rate-limit", limit, "--read-model-bytes", "0"},
           .company = company,
           .tokens = made});
    }
  }
  return 0;
}
