#include "server/demo.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <span>

#include "auth/callers/principal.h"
#include "base/assert.h"
#include "exchange/generate.h"
#include "exchange/import.h"

namespace matricula::server {
namespace {

namespace fs = std::filesystem;

// A directory that is gone with its owner.
class ScratchDirectory {
 public:
  static Result<ScratchDirectory> make() {
    std::string path = (fs::temp_directory_path() / "matricula-demo-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return fail(ErrorCode::kIo, fmt::format("cannot make the directory {}", path));
    }
    return ScratchDirectory(std::move(path));
  }
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory() {
    if (!path_.empty()) {
      std::error_code ignored;
      fs::remove_all(path_, ignored);
    }
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<std::optional<std::string>> first_company(storage::Database& database) {
  static const storage::Statement kFirstCompany("SELECT id FROM companies ORDER BY id LIMIT 1");
  MATRICULA_TRY(const auto session, database.open_reader());
  MATRICULA_TRY(const storage::RowsHandle rows, session->query(kFirstCompany, {}));
  MATRICULA_TRY(const bool any, rows->next());
  return any ? std::optional(std::string(rows->text(0))) : std::nullopt;
}

}  // namespace

Result<DemoCredential> prepare_demo(storage::Database& database,
                                    auth::CredentialService& credentials, const Clock& clock) {
  MATRICULA_TRY(auto company, first_company(database));
  if (!company) {
    MATRICULA_TRY(const ScratchDirectory scratch, ScratchDirectory::make());
    MATRICULA_CHECK(exchange::generate(exchange::demo_options(scratch.path()), clock));
    MATRICULA_TRY(const exchange::ImportReport report,
                  exchange::import_paths(database, std::span(&scratch.path(), 1), {}, clock));
    MATRICULA_ASSERT(report.is_complete());
    MATRICULA_TRY(company, first_company(database));
  }
  const auth::Principal principal = auth::operator_principal();
  MATRICULA_TRY(const auth::NewClientCredential made,
                credentials.create({.company_ids = {*company}, .description = "demo"},
                                   {.principal = principal, .address = "local"}));
  return DemoCredential{
      .company_id = *company, .client_id = made.client_id, .client_secret = made.client_secret};
}

void print_demo(const DemoCredential& credential, const std::string& url,
                const std::string& store) {
  const std::string api = url + "/api/public/api/v1";
  fmt::print(
      "\n"
      "Demo company {}. Its client credential, shown this once:\n"
      "  clientId     {}\n"
      "  clientSecret {}\n"
      "\n"
      "A first page of program progress (copy the whole line):\n"
      "\n"
      "curl -s {}/program-progress/graphql -H 'Content-Type: application/json'"
      " -H \"Authorization: Token $(curl -s {}/tokens/graphql -H 'Content-Type: application/json'"
      " -d '{{\"query\":\"mutation {{ generateToken(input: {{clientId: \\\"{}\\\", clientSecret:"
      " \\\"{}\\\"}}) {{ unredactedToken }} }}\"}}' | sed "
      "'s/.*\"unredactedToken\":\"\\([^\"]*\\)\".*/\\1/')\""
      " -d '{{\"query\":\"{{ programProgress(input: {{first: 3}}) {{ totalCount pageInfo {{"
      " hasNextPage endCursor }} edges {{ node {{ userEmail programTitle completionPercentage"
      " }} }} }} }}\"}}'\n"
      "\n",
      credential.company_id, credential.client_id, credential.client_secret, api, api,
      credential.client_id, credential.client_secret);
  // The address of another kind of store may hold a password.
  const std::string option = store.starts_with("sqlite:") ? " --store " + store : "";
  fmt::print(
      "The portal is at {}/login. To log in there, give yourself access:\n"
      "  matricula user add{} --email you@example.com --admin-of {} --password-stdin\n"
      "\n",
      url, option, credential.company_id);
}

}  // namespace matricula::server
