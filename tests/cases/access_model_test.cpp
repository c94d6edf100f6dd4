#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <set>

#include "auth/access/token_rows.h"
#include "auth/callers/restrictions.h"
#include "auth/secrets/secret_text.h"
#include "base/assert.h"
#include "base/clock.h"
#include "tests/cases/access_model_data.h"
#include "tests/cases/world.h"
#include "tests/must.h"

namespace matricula::cases {
namespace {

using auth::ScopeType;

constexpr unsigned kTokensMax = 60;
constexpr unsigned kCredentialsMax = 20;

// What the model knows of a token and of a credential.
struct Token {
  std::string text;
  std::string id;
  std::set<std::pair<ScopeType, unsigned>> scopes;
  Timestamp ends_at = INT64_MAX;
  int credential = -1;
};
struct Credential {
  std::string id;
  std::string client_id;
  std::string secret;
  std::string previous;
  Timestamp previous_ends_at = 0;
  std::set<unsigned> companies;
  std::set<std::string> endpoints;
  bool is_of_other_network = false;
  bool revoked = false;
};

// An expected answer; the body of what is refused or of what a company sees.
struct Expected {
  int status = 200;
  std::string body;
};

const char* const kEndpoints[] = {"catalog", "program-progress", "assessment-progress",
                                  "learning-plan-progress"};

class AccessModel {
 public:
  AccessModel(std::uint64_t seed, Engine engine, std::uint64_t read_model_bytes)
      : random_(seed), engine_(engine) {
    write_access_data(data_.path());
    pipeline::PipelineOptions options;
    options.rate_limit = 0;
    options.read_model_bytes = read_model_bytes;
    world_ = std::make_unique<World>(data_.path(), options, engine);
    for (unsigned company = 0; company < kCompanies; ++company) {
      records_.push_back({.value = company, .rows = 1 + company % 3});
    }
    while (credentials_.size() < 4) {
      create_credential();
    }
  }

  // One operation; false when an answer was another than the model's.
  bool step() {
    const unsigned dice = pick(1'000);
    if (dice < 950) {
      return read();
    }
    if (dice == 999) {
      write_records();
      return true;
    }
    if (dice < 965) {
      create_token();
      return true;
    }
    if (dice < 980) {
      return generate();
    }
    if (dice < 993) {
      change_token();
      return true;
    }
    change_credential();
    return true;
  }
  const std::string& difference() const { return difference_; }
  const pipeline::Pipeline& pipeline() { return world_->pipeline(); }

 private:
  // What a company's rows show, and how many there are.
  struct Records {
    unsigned value = 0;
    unsigned rows = 0;
  };

  // Another value in all rows of a company, one row more or less, and another name of a person.
  void write_records() {
    const unsigned company = pick(kCompanies);
    Records& records = records_[company];
    records.rows = 1 + pick(3);
    records.value += 100;
    const storage::TempDirectory directory;
    write_company_data(directory.path(), company, records.value, records.rows);
    const std::string path = directory.path();
    world_->import(std::span(&path, 1));
  }

  unsigned pick(std::size_t bound) { return static_cast<unsigned>(random_() % bound); }
  auth::Caller caller() const { return {.principal = operator_, .address = "local"}; }

  void keep(Token token) {
    if (tokens_.size() < kTokensMax) {
      tokens_.push_back(std::move(token));
    } else {
      tokens_[pick(kTokensMax)] = std::move(token);
    }
  }

  void create_token() {
    Token token;
    auth::CreateToken input{.description = "model"};
    for (unsigned i = pick(4); i > 0; --i) {
      const unsigned company = pick(kCompanies);
      if (token.scopes.insert({ScopeType::kCompany, company}).second) {
        input.company_ids.push_back(company_name(company));
      }
    }
    if (pick(3) == 0) {
      token.ends_at = world_->clock().now() + (1 + pick(600)) * kMicrosPerSecond;
      input.expires_at = token.ends_at;
    }
    const auto made = must(world_->tokens().create(input, caller()));
    token.text = made.unredacted_token;
    token.id = made.token.id;
    keep(std::move(token));
  }

  void change_token() {
    if (tokens_.empty()) {
      return;
    }
    Token& token = tokens_[pick(tokens_.size())];
    const unsigned dice = pick(4);
    if (dice == 0) {
      must(world_->tokens().revoke(token.id, caller()));
      token.ends_at = 0;
    } else if (dice < 3) {
      const ScopeType type = pick(2) == 0 ? ScopeType::kCompany : ScopeType::kCatalogCompany;
      const unsigned company = pick(kCompanies);
      must(world_->tokens().add_scope(token.id, type, company_name(company), caller()));
      token.scopes.insert({type, company});
    } else {
      remove_a_scope(token);
    }
  }

  void remove_a_scope(Token& token) {
    const auto session = must(world_->database().open_reader());
    const auto stored = must(auth::read_token(*session, *auth::parse_uuid(token.id)));
    MATRICULA_ASSERT(stored && stored->scopes.size() == token.scopes.size());
    if (stored->scopes.empty()) {
      return;
    }
    const auth::TokenScope& scope = stored->scopes[pick(stored->scopes.size())];
    must(world_->tokens().remove_scope(token.id, scope.id, caller()));
    const auto company = static_cast<unsigned>(std::stoul(scope.scope_key.substr(1)));
    MATRICULA_ASSERT(token.scopes.erase({scope.scope_type, company}) == 1);
  }

  void create_credential() {
    Credential credential;
    auth::CreateClientCredential input;
    for (unsigned i = 1 + pick(3); i > 0; --i) {
      credential.companies.insert(pick(kCompanies));
    }
    for (const unsigned company : credential.companies) {
      input.company_ids.push_back(company_name(company));
    }
    const auto made = must(world_->credentials().create(input, caller()));
    credential.id = made.credential.id;
    credential.client_id = made.client_id;
    credential.secret = made.client_secret;
    credentials_.push_back(std::move(credential));
  }

  void change_credential() {
    const unsigned index = pick(credentials_.size());
    Credential& credential = credentials_[index];
    const unsigned dice = pick(6);
    if (dice == 0 && credentials_.size() < kCredentialsMax) {
      create_credential();
    } else if (dice == 1 && credentials_.size() == kCredentialsMax) {
      must(world_->credentials().revoke(credential.id, caller()));
      credential.revoked = true;
      for (Token& token : tokens_) {
        token.ends_at = token.credential == static_cast<int>(index) ? 0 : token.ends_at;
      }
    } else if (dice == 2 && !credential.revoked) {
      credential.endpoints = {kEndpoints[pick(4)]};
      credential.is_of_other_network = pick(3) == 0;
      must(world_->credentials().restrict(
          credential.id,
          must(auth::parse_restrictions(
              {credential.is_of_other_network ? "192.0.2.0/24" : "127.0.0.0/8"},
              {credential.endpoints.begin(), credential.endpoints.end()})),
          caller()));
    } else if (dice == 3 && !credential.revoked) {
      credential.endpoints.clear();
      credential.is_of_other_network = false;
      must(world_->credentials().restrict(credential.id, {}, caller()));
    } else if (!credential.revoked) {
      const std::int64_t overlap = pick(2) * pick(600);
      const auto made = must(world_->credentials().rotate(credential.id, overlap, caller()));
      credential.previous = overlap == 0 ? "" : credential.secret;
      credential.previous_ends_at = world_->clock().now() + overlap * kMicrosPerSecond;
      credential.secret = made.client_secret;
    }
  }

  // generateToken over HTTP, with a secret that is right, old or wrong and a company or none.
  bool generate() {
    const unsigned index = pick(credentials_.size());
    const Credential& credential = credentials_[index];
    const unsigned which = pick(4);
    const std::string secret = which == 0   ? auth::new_client_secret()
                               : which == 1 ? credential.previous
                                            : credential.secret;
    const unsigned company = pick(3) == 0 ? pick(kCompanies) : *credential.companies.begin();
    const bool named = credential.companies.size() > 1 || pick(2) == 0;
    const Answer answer = world_->send(
        "POST", "tokens", {{"Content-Type", "application/json"}}, "",
        fmt::format(R"({{"query":"mutation {{ generateToken(input: {{clientId: \"{}\", )"
                    R"(clientSecret: \"{}\"{}}}) {{ unredactedToken token {{ id }} }} }}"}})",
                    credential.client_id, secret,
                    named ? fmt::format(R"(, companyId: \"c{}\")", company) : ""));
    const bool old = which == 1 && world_->clock().now() < credential.previous_ends_at;
    const bool right = !credential.revoked && !credential.is_of_other_network &&
                       (which > 1 || (old && !secret.empty()));
    const std::string text = text_at(answer.body, "data.generateToken.unredactedToken");
    if (!right || (named && !credential.companies.contains(company))) {
      return same(answer, {200, R"({"errors":[{"message":"invalid client credentials",)"
                                R"("locations":[{"line":1,"column":12}],"path":["generateToken"],)"
                                R"("extensions":{"code":"UNAUTHORIZED"}}],"data":null})"});
    }
    if (text.empty()) {
      return same(answer, {200, "a token"});
    }
    keep({.text = text,
          .id = text_at(answer.body, "data.generateToken.token.id"),
          .scopes = {{ScopeType::kCompany, named ? company : *credential.companies.begin()}},
          .ends_at = world_->clock().now() + 3'600 * kMicrosPerSecond,
          .credential = static_cast<int>(index)});
    return true;
  }

  // Who waits for PostgreSQL does so by this clock: there it stands still.
  void turn_clock(std::chrono::milliseconds by) {
    if (engine_ == Engine::kSqlite) {
      world_->clock().advance(by);
    }
  }

  bool read() {
    if (pick(20) == 0) {
      turn_clock(std::chrono::milliseconds(pick(20'000)));
    }
    Token unknown{.text = auth::new_token_text(), .id = {}, .scopes = {}};
    const bool known = !tokens_.empty() && pick(20) != 0;
    const Token& token = known ? tokens_[pick(tokens_.size())] : unknown;
    const std::string endpoint = kEndpoints[pick(4)];
    std::optional<unsigned> chosen;
    if (pick(2) == 0) {
      chosen = token.scopes.empty() || pick(3) == 0
                   ? pick(kCompanies)
                   : std::next(token.scopes.begin(), pick(token.scopes.size()))->second;
    }
    const unsigned plan = chosen && pick(4) != 0 ? *chosen : pick(kCompanies);
    std::map<std::string, std::string> headers{{"Content-Type", "application/json"},
                                               {"Authorization", "Token " + token.text}};
    if (chosen) {
      headers["X-Company-Id"] = company_name(*chosen);
    }
    const Answer answer = world_->send("POST", endpoint, headers, "", request_of(endpoint, plan));
    return same(answer, known ? expected(token, endpoint, chosen, plan)
                              : unauthenticated("token not found"));
  }

  static std::string error_body(std::string_view code, std::string_view message) {
    return fmt::format(R"({{"errors":[{{"message":"{}","extensions":{{"code":"{}"}}}}]}})", message,
                       code);
  }
  static Expected unauthenticated(std::string_view message) {
    return {401, error_body("UNAUTHENTICATED", message)};
  }

  Expected expected(const Token& token, const std::string& endpoint, std::optional<unsigned> chosen,
                    unsigned plan) {
    if (world_->clock().now() >= token.ends_at) {
      return unauthenticated("token is no longer valid");
    }
    Expected forbidden{403, R"({"data":null,"errors":[{"message":"not authorized",)"
                            R"("path":["x"],"extensions":{"code":"UNAUTHORIZED"}}]})"};
    if (token.credential >= 0) {
      const Credential& credential = credentials_[static_cast<unsigned>(token.credential)];
      if (credential.is_of_other_network) {
        return {403, error_body("UNAUTHORIZED", "not authorized")};
      }
      if (!credential.endpoints.empty() && !credential.endpoints.contains(endpoint)) {
        return forbidden;
      }
    }
    std::set<unsigned> companies;
    for (const auto& [type, company] : token.scopes) {
      if (type == ScopeType::kCompany || endpoint == "catalog") {
        companies.insert(company);
      }
    }
    if (companies.empty() || (chosen && !companies.contains(*chosen))) {
      return forbidden;
    }
    if (!chosen && companies.size() > 1) {
      return {200, R"({"data":null,"errors":[{"message":"The token covers several companies: )"
                   R"(name one in the header X-Company-Id.","path":["x"],)"
                   R"("extensions":{"code":"BAD_USER_INPUT"}}]})"};
    }
    return {200, page_of(endpoint, chosen ? *chosen : *companies.begin(), plan)};
  }

  std::string page_of(const std::string& endpoint, unsigned company, unsigned plan) const {
    return records_of(endpoint, {.company = company,
                                 .plan = plan,
                                 .value = records_[company].value,
                                 .rows = records_[company].rows});
  }

  bool same(const Answer& answer, const Expected& expected) {
    if (answer.status == expected.status && answer.body == expected.body) {
      return true;
    }
    difference_ = fmt::format("{} {}\nbut the model says\n{} {}", answer.status, answer.body,
                              expected.status, expected.body);
    return false;
  }

  std::mt19937_64 random_;
  const Engine engine_;
  storage::TempDirectory data_;
  std::unique_ptr<World> world_;
  std::vector<Records> records_;  // by company
  auth::Principal operator_ = auth::operator_principal();
  std::vector<Token> tokens_;
  std::vector<Credential> credentials_;
  std::string difference_;
};

// MATRICULA_OPERATIONS asks for more than a test needs every day, MATRICULA_SEED for others.
std::uint64_t asked(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Setting {
  const char* name;
  Engine engine;
  std::uint64_t read_model_bytes;
  std::uint64_t operations;
};

class Access : public testing::TestWithParam<Setting> {};

TEST_P(Access, NoTokenEverSeesAnotherCompanysRowsOrAnythingButTheModel) {
  const std::uint64_t seed = asked("MATRICULA_SEED", 20'260'101);
  const std::uint64_t operations = asked("MATRICULA_OPERATIONS", GetParam().operations);
  fmt::print("seed {}, {} operations\n", seed, operations);
  AccessModel model(seed, GetParam().engine, GetParam().read_model_bytes);
  for (std::uint64_t i = 0; i < operations; ++i) {
    ASSERT_TRUE(model.step()) << "operation " << i << ": " << model.difference();
  }
  if (const readmodel::ReadModel* const lists = model.pipeline().read_model()) {
    EXPECT_GT(lists->stats().hits, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Stores, Access,
    testing::Values(Setting{"sqlite", Engine::kSqlite, 0, 10'000},
                    Setting{"sqlite_in_memory", Engine::kSqlite, 64 * 1024 * 1024, 10'000},
                    Setting{"postgres_in_memory", Engine::kPostgres, 64 * 1024 * 1024, 3'000}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace matricula::cases
