#include <array>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "auth/key_file.h"
#include "auth/refusals.h"
#include "auth/token_service.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"
#include "tests/bench/measure.h"
#include "tests/nodes/node.h"

// Pages of 50 rows of program progress over PostgreSQL: through the server, token, limit and JSON
// included, next to a bare loop that sends the same query in libpq's pipeline mode and throws the
// rows away. In turns, in one run, with as many clients as connections.
// usage: postgres_bench [LEARNERS]

namespace {

using namespace matricula;
using namespace matricula::bench;
using storage::postgres::PrivateCluster;

constexpr int kRounds = 5;
constexpr int kClients = 4;
constexpr int kPagesAClient = 500;
constexpr int kPipelineDepth = 16;

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
  for (int i = kPipelineDepth; i < kPagesAClient; ++i) {
    take(link.get());
    ask(link.get(), company);
  }
  for (int i = 0; i < kPipelineDepth; ++i) {
    take(link.get());
  }
}

// Pages a second of so many clients at once.
template <typename Loop>
double rate_of(Loop loop) {
  const auto began = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> clients;
    clients.reserve(kClients);
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back(loop);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return kClients * kPagesAClient / took.count();
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
  const std::string token = must(tokens.create({.description = "bench", .company_ids = {company}},
                                               {.principal = oper, .address = "local"}))
                                .unredacted_token;
  const std::string app = cluster.url(name, "matricula_app");
  const std::string body = fmt::format(R"({{"query":"{}"}})", kDocument);
  for (const char* limit : {"0", "1000000"}) {
    const nodes::Node node({"--store", app, "--key-file", directory.file("keys"), "--rate-limit",
                            limit, "--workers", std::to_string(kClients)});
    std::vector<double> ratios;
    for (int round = 0; round < kRounds; ++round) {
      const double bare = rate_of([&] { loop_bare(cluster.url(name), company); });
      const double served = rate_of([&] {
        Client client(node.port());
        for (int i = 0; i < kPagesAClient; ++i) {
          MATRICULA_ASSERT(client.post(token, body).find("edges") != std::string::npos);
        }
      });
      fmt::print("limit {:>7}: libpq loop {:7.0f} pages/s, server {:7.0f} pages/s\n", limit, bare,
                 served);
      ratios.push_back(served / bare);
    }
    fmt::print("limit {:>7}: the server reaches {:.0f} % of the loop\n", limit,
               median(ratios) * 100);
  }
  return 0;
}
