#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/access/token_service.h"
#include "auth/secrets/key_file.h"
#include "auth/secrets/password.h"
#include "auth/trail/refusals.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"
#include "tests/nodes/node.h"

namespace matricula::nodes {

inline constexpr std::string_view kPage =
    "{ programProgress(input: {first: 1}) { edges { node { userId } } } }";

// Longer than a node keeps what it knows of the store's health.
inline constexpr std::chrono::milliseconds kHealthAge{400};

// How often a test does what it does: as the environment says, for long runs, or `daily`.
int rounds_of(const char* variable, int daily);

// Waits until so many more were counted, however slow the machine is.
void await(const std::atomic<int>& count, int more);

// Three servers over one store, the role of which owns nothing, and an owner beside them.
class Nodes : public testing::Test {
 protected:
  Nodes();
  ~Nodes() override;

  void start(const std::string& rate_limit, const std::vector<std::string>& more = {});
  // What every node is started with.
  std::vector<std::string> options(const std::string& rate_limit) const;
  std::string new_token(const std::string& company = "4821");
  // A JWT of an admin, from the first node.
  std::string login() const;
  // Asks a node for a token with this description.
  static Reply create_token(const Node& node, const std::string& jwt,
                            std::string_view description = "x");
  // Has a node revoke what create_token() answered.
  static Reply revoke(const Node& node, const std::string& jwt, const Reply& made);
  // How many pages the nodes gave, and refused with 429, to clients who ask in turns of the nodes.
  struct Answers {
    std::atomic<int> admitted = 0;
    std::atomic<int> refused = 0;
    std::atomic<int> others = 0;
  };
  void ask_at_once(const std::string& token, int clients, int requests, Answers& answers) const;
  static Reply read_page(const Node& node, const std::string& token) {
    return node.ask("program-progress", kPage, "Token " + token);
  }

  SystemClock clock_;
  storage::TempDirectory directory_;
  storage::postgres::PrivateCluster& cluster_ = storage::postgres::PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  std::unique_ptr<storage::Database> database_;
  std::optional<auth::Secrets> secrets_;
  std::optional<auth::Refusals> refusals_;
  auth::PasswordHasher hasher_;
  auth::Principal operator_ = auth::operator_principal();
  std::optional<auth::TokenService> tokens_;
  std::array<std::optional<Node>, 3> nodes_;
};

}  // namespace matricula::nodes
