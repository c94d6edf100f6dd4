#include "tests/cases/world.h"

#include <fmt/format.h>
#include <sstream>

#include "base/assert.h"
#include "base/within_memory.h"
#include "exchange/import.h"
#include "json/writer.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "tests/must.h"

namespace matricula::cases {
namespace {

using storage::postgres::PrivateCluster;

constexpr const char* kPassword = "correct horse battery staple";

std::unique_ptr<storage::Database> filled_store(const std::string& url, const std::string& data,
                                                const server::StoreOptions& options,
                                                const Clock& clock) {
  auto database = must(server::open_store(url, options, clock));
  const auto report = must(exchange::import_paths(*database, std::span(&data, 1), {}, clock));
  MATRICULA_ASSERT(report.rejected() == 0);
  return database;
}

std::unique_ptr<storage::Database> filled_database(const std::string& name, const std::string& data,
                                                   const Clock& clock) {
  const PrivateCluster& cluster = PrivateCluster::instance();
  filled_store(cluster.url(name), data, {.app_role = "matricula_app"}, clock);
  return must(server::open_store(cluster.url(name, "matricula_app"), {.migrate = false}, clock));
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list);
  std::string part;
  while (std::getline(in, part, ',')) {
    parts.push_back(part);
  }
  return parts;
}

// Keeps the answer of a handler that answers from any thread.
class Waiting final : public http::ReplySink {
 public:
  void reply(http::Response&& response) override {
    {
      const std::lock_guard lock(mutex_);
      response_ = std::move(response);
    }
    ready_.notify_all();
  }
  void drop() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      is_dropped_ = true;
    }
    ready_.notify_all();
  }
  // A status of 0 where the connection would be closed without an answer.
  http::Response wait() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return response_.has_value() || is_dropped_; });
    return response_ ? std::move(*response_) : http::Response{.status = 0};
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<http::Response> response_;
  bool is_dropped_ = false;
};

struct Sent {
  std::string method;
  std::string endpoint;
  std::string query;
  std::string body;
  unsigned loop = 0;
};

Answer ask(pipeline::Pipeline& pipeline, const Sent& sent,
           const std::map<std::string, std::string>& headers) {
  const std::string path = "/api/public/api/v1/" + sent.endpoint + "/graphql";
  std::vector<http::Header> fields;
  fields.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    fields.push_back({.name = name, .value = value});
  }
  const http::Request request{.method = http::method_of(sent.method),
                              .method_name = sent.method,
                              .target = path,
                              .path = path,
                              .query = sent.query,
                              .headers = fields,
                              .body = sent.body,
                              .remote_address = "127.0.0.1",
                              .request_id = "0123456789abcdef0123456789abcdef",
                              .loop = sent.loop};
  const pipeline::Endpoint* target = pipeline.endpoint_at(path);
  MATRICULA_ASSERT(target != nullptr);
  const auto waiting = std::make_shared<Waiting>();
  // As an event loop does: the responder has answered.
  run_within_memory([&] { pipeline.handle(*target, request, http::Responder(waiting)); });
  const http::Response response = waiting->wait();
  return {.status = response.status,
          .body = response.body,
          .headers = std::string(response.headers.text())};
}

}  // namespace

void KeptWarnings::log(LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields) {
  if (level < LogLevel::kWarning) {
    return;
  }
  std::string line(message);
  for (const LogField& field : fields) {
    line += fmt::format(" {}={}", field.name, field.value);
  }
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> KeptWarnings::lines() {
  const std::lock_guard lock(mutex_);
  return lines_;
}

World::World(const std::string& data, const pipeline::PipelineOptions& options, Engine engine)
    : postgres_(engine == Engine::kPostgres ? PrivateCluster::instance().new_database() : ""),
      database_(engine == Engine::kPostgres
                    ? filled_database(postgres_, data, clock_)
                    : filled_store(directory_.file("store.db"), data, {}, clock_)),
      secrets_(must(auth::open_secrets(*database_, "store.db", directory_.file("keys")))),
      refusals_(clock_),
      tokens_(*database_, secrets_, refusals_, clock_),
      credentials_(*database_, secrets_, refusals_, clock_),
      users_(*database_, hasher_, refusals_, clock_),
      logins_(*database_, secrets_, hasher_, refusals_, clock_),
      services_{.tokens = tokens_, .credentials = credentials_, .users = users_},
      options_(options),
      pipeline_(open_pipeline(options)) {}

std::unique_ptr<pipeline::Pipeline> World::open_pipeline(const pipeline::PipelineOptions& options) {
  return must(pipeline::Pipeline::open({.database = *database_,
                                        .secrets = secrets_,
                                        .refusals = refusals_,
                                        .services = services_,
                                        .clock = clock_,
                                        .logger = logger_},
                                       options));
}

World::~World() {
  tables_.reset();
  pipeline_.reset();
  owners_.reset();
  database_.reset();
  if (!postgres_.empty()) {
    PrivateCluster::instance().drop_database(postgres_);
  }
}

std::string World::token_for(const std::string& companies) {
  std::string& token = tokens_by_companies_[companies];
  if (token.empty()) {
    const auth::Principal principal = auth::operator_principal();
    token = must(tokens_.create({.description = companies, .company_ids = split(companies)},
                                {.principal = principal, .address = "local"}))
                .unredacted_token;
  }
  return token;
}

std::string World::catalog_token_for(const std::string& company) {
  const auth::Principal principal = auth::operator_principal();
  const auth::Caller caller{.principal = principal, .address = "local"};
  const auto made = must(tokens_.create({.description = "catalog only"}, caller));
  must(tokens_.add_scope(made.token.id, auth::ScopeType::kCatalogCompany, company, caller));
  return made.unredacted_token;
}

std::string World::jwt_for(const std::string& email) {
  std::string& jwt = jwts_by_email_[email];
  if (jwt.empty()) {
    const auth::Principal principal = auth::operator_principal();
    must(users_.set_password(email, kPassword, {.principal = principal, .address = "local"}));
    const std::vector<std::string> admin_of(email.starts_with("admin") ? 1 : 0, "4821");
    must(users_.set_roles(email, email.starts_with("staff"), admin_of,
                          {.principal = principal, .address = "local"}));
    const auto session = must(database_->open_reader());
    jwt = must(logins_.login(*session, email, kPassword, "127.0.0.1")).login.token;
  }
  return jwt;
}

Answer World::run(const Case& each) {
  std::map<std::string, std::string> headers{{"Content-Type", "application/json"}};
  for (const auto& [word, written] : each.words) {
    const std::string value = filled_in(written, kept_);
    if (word == "token") {
      headers["Authorization"] = "Token " + token_for(value);
    } else if (word == "catalog-token") {
      headers["Authorization"] = "Token " + catalog_token_for(value);
    } else if (word == "authorization") {
      headers["Authorization"] = "Token " + value;
    } else if (word == "user") {
      headers["Authorization"] = "Bearer " + jwt_for(value);
    } else if (word == "accept") {
      headers["Accept"] = "application/graphql-response+json";
    } else {
      MATRICULA_ASSERT(word == "company");
      headers["X-Company-Id"] = value;
    }
  }
  std::string body = "{\"query\":";
  json::append_string(body, filled_in(each.document, kept_));
  if (!each.variables.empty()) {
    body += ",\"variables\":" + filled_in(each.variables, kept_);
  }
  body += '}';
  Answer answer = send(each.method, each.endpoint, headers, "", body);
  for (const auto& [name, path] : each.kept) {
    kept_[name] = text_at(answer.body, path);
    MATRICULA_ASSERT(!kept_[name].empty());
  }
  return answer;
}

Answer World::send(const std::string& method, const std::string& endpoint,
                   const std::map<std::string, std::string>& headers, const std::string& query,
                   const std::string& body) {
  return ask(*pipeline_, {.method = method, .endpoint = endpoint, .query = query, .body = body},
             headers);
}

Answer World::send_to_tables(const std::string& endpoint,
                             const std::map<std::string, std::string>& headers,
                             const std::string& body) {
  if (tables_ == nullptr) {
    pipeline::PipelineOptions options = options_;
    options.read_model_bytes = 0;
    tables_ = open_pipeline(options);
  }
  return ask(*tables_, {.method = "POST", .endpoint = endpoint, .query = "", .body = body},
             headers);
}

Answer World::send_on(unsigned loop, const std::string& endpoint,
                      const std::map<std::string, std::string>& headers, const std::string& body) {
  return ask(*pipeline_,
             {.method = "POST", .endpoint = endpoint, .query = "", .body = body, .loop = loop},
             headers);
}

void World::import(std::span<const std::string> paths) {
  if (!postgres_.empty() && owners_ == nullptr) {
    owners_ = must(server::open_store(PrivateCluster::instance().url(postgres_), {}, clock_));
  }
  const auto report =
      must(exchange::import_paths(owners_ == nullptr ? *database_ : *owners_, paths, {}, clock_));
  MATRICULA_ASSERT(report.rejected() == 0);
}

}  // namespace matricula::cases
