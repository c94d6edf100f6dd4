#include "server/demo.h"

#include <array>
#include <fmt/format.h>
#include <span>

#include "auth/callers/principal.h"
#include "auth/secrets/secret_text.h"
#include "domains/domains.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "records/statement_rows.h"
#include "server/scratch_directory.h"
#include "server/store.h"

namespace matricula::server {
namespace {

constexpr std::string_view kAdminEmail = "admin@demo.example";
constexpr Timestamp kTokenLife = kMicrosPerDay;

const storage::Statement kReadMark("SELECT value FROM store_keys WHERE name = 'demo'");
const storage::Statement kWriteMark("INSERT INTO store_keys(name, value) VALUES ('demo', ?1)");
// A demo whose company was deleted is filled anew.
const storage::Statement kReadFilled(
    "SELECT value FROM store_keys WHERE name = 'demo filled'"
    " AND EXISTS (SELECT 1 FROM companies)");
const storage::Statement kWriteFilled(
    "INSERT INTO store_keys(name, value) VALUES ('demo filled', ?1)"
    " ON CONFLICT (name) DO NOTHING");
const storage::Statement kAnything(
    "SELECT 1 FROM (SELECT id FROM companies LIMIT 1) AS c"
    " UNION ALL SELECT 1 FROM (SELECT id FROM users LIMIT 1) AS u");
const storage::Statement kFirstCompany("SELECT id FROM companies ORDER BY id LIMIT 1");

Result<void> write_mark(storage::Session& session, const storage::Statement& statement) {
  constexpr std::array<std::byte, 1> kMark = {std::byte{1}};
  const storage::Bind mark = storage::Bytes(kMark);
  MATRICULA_CHECK(session.execute(statement, {&mark, 1}));
  return {};
}

Result<std::string> first_company(storage::Database& database) {
  MATRICULA_TRY(const auto session, database.open_reader());
  MATRICULA_TRY(const storage::RowsHandle rows, session->query(kFirstCompany, {}));
  MATRICULA_TRY(const bool any, rows->next());
  if (!any) {
    return fail(ErrorCode::kConflict,
                "The company of the demo was deleted while it started. Start it again.");
  }
  return std::string(rows->text(0));
}

Result<bool> is_filled(storage::Database& database) {
  MATRICULA_TRY(const auto session, database.open_reader());
  return records::has_row(*session, kReadFilled, {});
}

// Marks an empty store as the demo's; does nothing where it is marked already.
Result<void> claim(storage::Session& session) {
  MATRICULA_TRY(const bool is_marked, records::has_row(session, kReadMark, {}));
  if (is_marked) {
    return {};
  }
  MATRICULA_TRY(const bool is_used, records::has_row(session, kAnything, {}));
  if (is_used) {
    return fail(ErrorCode::kConflict,
                "The store holds data that `serve --demo` did not make. Name another store, or "
                "serve this one without --demo.");
  }
  return write_mark(session, kWriteMark);
}

Result<void> fill(storage::Database& database, const Clock& clock) {
  MATRICULA_TRY(const ScratchDirectory scratch, ScratchDirectory::make());
  MATRICULA_CHECK(exchange::generate(exchange::demo_options(scratch.path()), clock));
  MATRICULA_TRY(const exchange::ImportReport report,
                exchange::import_paths(database, std::span(&scratch.path(), 1), {}, clock));
  if (report.error) {
    return fail(*report.error);
  }
  if (!report.is_complete()) {
    return fail(ErrorCode::kConflict,
                fmt::format("The demo's data do not fit what its store holds by now ({}). Name "
                            "another store.",
                            report.files.back().reasons.front()));
  }
  return database.write(
      [](storage::Session& session) { return write_mark(session, kWriteFilled); });
}

// The text as one word of a shell's line.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+=,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) {
    return text;
  }
  std::string word = "'";
  for (const char c : text) {
    word += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return word + "'";
}

// The admin of the demo with a new password.
Result<void> set_admin(const DemoServices& services, const DemoAccess& access,
                       const auth::Caller& caller) {
  Result<void> changed = services.users.set_password(access.email, access.password, caller);
  if (changed || changed.error().code != ErrorCode::kNotFound) {
    return changed;
  }
  const Result<auth::User> added = services.users.add({.email = access.email,
                                                       .first_name = "Demo",
                                                       .last_name = "Admin",
                                                       .admin_of = {access.company_id},
                                                       .password = access.password},
                                                      caller);
  return added ? Result<void>() : fail(added.error());
}

}  // namespace

Result<std::string> prepare_demo(storage::Database& database, const Clock& clock) {
  // The mark comes first, and another one when all is there: a demo that is ended while it fills
  // its store fills it at the next start.
  MATRICULA_CHECK(database.write(claim));
  MATRICULA_TRY(const bool is_done, is_filled(database));
  if (!is_done) {
    MATRICULA_CHECK(fill(database, clock));
  }
  return first_company(database);
}

Result<DemoAccess> open_demo(const DemoServices& services, const std::string& company_id) {
  const auth::Principal principal = auth::operator_principal();
  const auth::Caller caller{.principal = principal, .address = "local"};
  DemoAccess access{.company_id = company_id,
                    .email = std::string(kAdminEmail),
                    .password = auth::new_token_text().substr(0, 20)};
  MATRICULA_CHECK(set_admin(services, access, caller));
  MATRICULA_TRY(
      const auth::NewClientCredential credential,
      services.credentials.create({.company_ids = {company_id}, .description = "demo"}, caller));
  access.client_id = credential.client_id;
  access.client_secret = credential.client_secret;
  access.credential_id = credential.credential.id;
  MATRICULA_TRY(const auth::NewToken token,
                services.tokens.create({.description = "demo",
                                        .expires_at = services.clock.now() + kTokenLife,
                                        .company_ids = {company_id}},
                                       caller));
  access.token = token.unredacted_token;
  access.token_id = token.token.id;
  return access;
}

Result<void> revoke_demo(const DemoServices& services, const DemoAccess& access) {
  const auth::Principal principal = auth::operator_principal();
  const auth::Caller caller{.principal = principal, .address = "local"};
  MATRICULA_CHECK(services.credentials.revoke(access.credential_id, caller));
  return services.tokens.revoke(access.token_id, caller);
}

std::string demo_text(const DemoAccess& access, const DemoPlace& place) {
  std::string text = fmt::format(
      "\n"
      "Demo company {}. These secrets are shown this once; each start makes new ones.\n"
      "\n"
      "Log in to the portal at {}/login\n"
      "  email        {}\n"
      "  password     {}\n"
      "\n"
      "Client credential, for generateToken at {}{}\n"
      "  clientId     {}\n"
      "  clientSecret {}\n"
      "\n"
      "A first query, with a token that lives for a day:\n"
      "\n"
      "curl -s {}{} -H 'Content-Type: application/json'"
      " -H 'Authorization: Token {}' -d '{{\"query\":\"{{programProgress(input:{{first:3}})"
      "{{totalCount pageInfo{{hasNextPage}} edges{{node{{userEmail programTitle}}}}}}}}\"}}'\n"
      "\n",
      access.company_id, place.url, access.email, access.password, place.url,
      domains::endpoint_path("tokens"), access.client_id, access.client_secret, place.url,
      domains::endpoint_path("program-progress"), access.token);
  // The address of another kind of store may hold a password.
  if (!is_shared(place.store)) {
    const std::string keys =
        place.key_file.empty() ? "" : " --key-file " + shell_word(place.key_file);
    text +=
        fmt::format("The command line works on the same store:\n  {} token list --store {}{}\n\n",
                    shell_word(place.program), shell_word(place.store), keys);
  }
  return text;
}

}  // namespace matricula::server
