#include "tests/nodes/nodes_fixture.h"

#include <cstdlib>
#include <fmt/format.h>
#include <span>
#include <thread>

#include "auth/access/user_service.h"
#include "exchange/import.h"
#include "json/writer.h"
#include "server/store.h"

namespace matricula::nodes {
namespace {

constexpr const char* kEmail = "Ann@Acme.example";
constexpr const char* kPassword = "correct horse battery staple";

}  // namespace

int rounds_of(const char* variable, int daily) {
  const char* asked = std::getenv(variable);
  return asked == nullptr ? daily : std::atoi(asked);
}

void await(const std::atomic<int>& count, int more) {
  const int before = count;
  while (count < before + more) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Nodes::Nodes() {
  const std::string data = "tests/cases/data";
  database_ =
      server::open_store(cluster_.url(name_), {.app_role = "matricula_app"}, clock_).value();
  EXPECT_TRUE(exchange::import_paths(*database_, std::span(&data, 1), {}, clock_));
  secrets_.emplace(auth::open_secrets(*database_, "store", directory_.file("keys")).value());
  refusals_.emplace(clock_);
  tokens_.emplace(*database_, *secrets_, *refusals_, clock_);
  auth::UserService users(*database_, hasher_, *refusals_, clock_);
  const auth::Caller caller{.principal = operator_, .address = "local"};
  EXPECT_TRUE(users.set_password(kEmail, kPassword, caller));
  EXPECT_TRUE(users.set_roles(kEmail, true, {"4821"}, caller));
}

Nodes::~Nodes() {
  for (auto& node : nodes_) {
    node.reset();
  }
  database_.reset();
  cluster_.drop_database(name_);
}

std::vector<std::string> Nodes::options(const std::string& rate_limit) const {
  return {"--store", cluster_.url(name_, "matricula_app"), "--key-file", directory_.file("keys"),
          "--rate-limit", rate_limit, "--workers", "3",
          // Clients that make tokens as fast as they can are no matter of that limit.
          "--tokens-per-user", "100000"};
}

void Nodes::start(const std::string& rate_limit, const std::vector<std::string>& more) {
  std::vector<std::string> all = options(rate_limit);
  all.insert(all.end(), more.begin(), more.end());
  for (auto& node : nodes_) {
    node.emplace(all);
  }
  for (auto& node : nodes_) {
    node->await_start();
  }
}

std::string Nodes::new_token(const std::string& company) {
  return tokens_
      ->create({.description = "test", .company_ids = {company}},
               {.principal = operator_, .address = "local"})
      .value()
      .unredacted_token;
}

Reply Nodes::revoke(const Node& node, const std::string& jwt, const Reply& made) {
  return node.ask(
      "tokens",
      fmt::format("mutation {{ revokeToken(tokenId: \"{}\") }}", text_in(made.body, "id")), jwt);
}

void Nodes::ask_at_once(const std::string& token, int clients, int requests,
                        Answers& answers) const {
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<std::size_t>(clients));
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, &node = *nodes_[static_cast<std::size_t>(client) % nodes_.size()]] {
      for (int i = 0; i < requests; ++i) {
        const int status = read_page(node, token).status;
        ++(status == 200 ? answers.admitted : status == 429 ? answers.refused : answers.others);
      }
    });
  }
}

std::string Nodes::login() const {
  const Reply reply = nodes_[0]->post(
      "/auth/login", fmt::format(R"({{"email":"{}","password":"{}"}})", kEmail, kPassword));
  EXPECT_EQ(reply.status, 200) << reply.body;
  return "Bearer " + text_in(reply.body, "token");
}

Reply Nodes::create_token(const Node& node, const std::string& jwt, std::string_view description) {
  std::string document = "mutation { createToken(input: {companyId: \"4821\", description: ";
  json::append_string(document, description);
  document += "}) { unredactedToken token { id } } }";
  return node.ask("tokens", document, jwt);
}

}  // namespace matricula::nodes
