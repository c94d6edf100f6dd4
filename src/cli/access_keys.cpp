#include <fmt/format.h>

#include "auth/access/token_service.h"
#include "cli/access.h"
#include "cli/access_text.h"
#include "cli/ids.h"
#include "cli/list_output.h"
#include "cli/options.h"

namespace matricula::cli {
namespace {

ShownOnce shown_once(const auth::NewClientCredential& made) {
  return {.json = new_credential_text(made),
          .text = fmt::format("client id     {}\nclient secret {}  (shown this once)",
                              made.client_id, made.client_secret),
          .what = fmt::format("A secret of the credential {}", made.credential.id)};
}

Result<std::string> credential_of(const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  return credential_id(*reader, options.id);
}

// What cannot be read is a mistake of the command line.
Result<auth::Restrictions> restrictions_of(const Options& options) {
  auto restrictions = auth::parse_restrictions(options.networks, options.endpoints);
  if (!restrictions) {
    restrictions.error().code = ErrorCode::kUsage;
  }
  return restrictions;
}

Result<int> credential_create(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(auth::Restrictions restrictions, restrictions_of(options));
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(auto companies, company_ids(*reader, options.companies));
  MATRICULA_TRY(const auth::NewClientCredential made,
                access.credentials.create({.company_ids = std::move(companies),
                                           .description = options.description,
                                           .restrictions = std::move(restrictions)},
                                          access.caller()));
  return show_once(context, shown_once(made),
                   [&] { return access.credentials.revoke(made.credential.id, access.caller()); });
}

Result<int> credential_rotate(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const std::string id, credential_of(options, access));
  MATRICULA_TRY(const auth::NewClientCredential made,
                access.credentials.rotate(id, options.overlap, access.caller()));
  // The previous secret may still be in use, so the credential is not revoked.
  return show_once(context, shown_once(made), [&]() -> Result<void> {
    return fail(ErrorCode::kIo, fmt::format("`matricula credential rotate {}` makes another secret",
                                            made.credential.id));
  });
}

Result<int> credential_revoke(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const std::string id, credential_of(options, access));
  MATRICULA_CHECK(access.credentials.revoke(id, access.caller()));
  say(context, "{}", fmt::format("{}: revoked, with every token made from it", options.id));
  return 0;
}

Result<int> credential_restrict(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const std::string id, credential_of(options, access));
  MATRICULA_TRY(const auth::Restrictions restrictions, restrictions_of(options));
  MATRICULA_TRY(const auth::ClientCredential changed,
                access.credentials.restrict(id, restrictions, access.caller()));
  say(context, credential_text(changed),
      fmt::format("{}: {} networks and {} endpoints; none of a kind means no restriction",
                  changed.id, restrictions.networks.size(), restrictions.endpoints.size()));
  return 0;
}

Result<int> credential_list(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto company, company_of(*reader, options));
  MATRICULA_TRY(const auto list,
                access.credentials.list(*reader, access.caller().principal, company));
  print_list(context, list, credential_text);
  return 0;
}

Result<void> check_expiry(const Context& context, Options& options) {
  return keep_stronger<bool, std::int64_t>(context.given, {"never-expires", options.never_expires},
                                           {"expires-in", options.expires_in})
             ? Result<void>()
             : fail(ErrorCode::kUsage, "give one of --never-expires and --expires-in");
}

Result<int> token_create(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(auto companies, company_ids(*reader, options.companies));
  auth::CreateToken input{.description = options.description, .company_ids = std::move(companies)};
  input.never_expires = options.never_expires;
  if (options.expires_in > 0) {
    input.expires_at = access.clock.now() + options.expires_in * 1'000'000;
  }
  MATRICULA_TRY(const auth::NewToken made, access.tokens.create(input, access.caller()));
  return show_once(context,
                   {.json = new_token_text(made),
                    .text = fmt::format("token {}  (shown this once)\nid    {}",
                                        made.unredacted_token, made.token.id),
                    .what = fmt::format("The token {}", made.token.id)},
                   [&] { return access.tokens.revoke(made.token.id, access.caller()); });
}

Result<int> token_revoke(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auth::Uuid id, token_id(*reader, options.id));
  MATRICULA_CHECK(access.tokens.revoke(auth::uuid_text(id), access.caller()));
  say(context, "{}", fmt::format("{}: revoked", options.id));
  return 0;
}

Result<int> token_list(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto company, company_of(*reader, options));
  MATRICULA_TRY(const auto list, access.tokens.list_all(*reader, company));
  print_list(context, list, token_text);
  return 0;
}

Result<int> token_uses(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auth::Uuid id, token_id(*reader, options.id));
  MATRICULA_TRY(const auto days, auth::read_uses(*reader, id));
  print_list(context, days, day_text);
  return 0;
}

constexpr const char* kCompanyHelp = "a company whose data it reads: its id or its slug";

void add_credentials(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& credential = commands.group(
      app, {.name = "credential",
            .summary = "Client credentials, from which tokens are made.",
            .example = "matricula credential create --company acme --description \"HR sync\""});
  CLI::App& create = commands.add(
      credential,
      {.name = "create",
       .summary = "Makes a client credential. Its secret is shown once.",
       .example = "matricula credential create --company acme --description \"HR sync\" --json"},
      credential_create);
  create.add_option("--company", options.companies, kCompanyHelp)->type_name("ID")->required();
  free_text(*create.add_option("--description", options.description, "what it is for"));
  CLI::App& restrict = commands.add(
      credential,
      {.name = "restrict",
       .summary = "Sets the restrictions of a credential, in place of those before; none of a "
                  "kind means no restriction.",
       .example = "matricula credential restrict ID --network 192.0.2.0/24 --endpoint catalog"},
      credential_restrict);
  for (CLI::App* each : {&create, & restrict}) {
    each->add_option("--network", options.networks,
                     "a network that it works from, such as 192.0.2.0/24; without one: any")
        ->type_name("NETWORK");
    each->add_option("--endpoint", options.endpoints,
                     "an endpoint that its tokens read, such as catalog; without one: all")
        ->type_name("NAME");
  }
  CLI::App& list = commands.add(credential,
                                {.name = "list",
                                 .summary = "Lists the credentials, newest first.",
                                 .example = "matricula credential list --company acme --json"},
                                credential_list);
  list.add_option("--company", options.company, "of one company: its id or its slug")
      ->type_name("ID");
  CLI::App& rotate = commands.add(credential,
                                  {.name = "rotate",
                                   .summary = "Makes a new secret. It is shown once.",
                                   .example = "matricula credential rotate ID --overlap 86400"},
                                  credential_rotate);
  add_number(rotate, "--overlap", options.overlap, {0, auth::kOverlapSecondsMax},
             "seconds for which the old secret keeps working");
  CLI::App& revoke = commands.add(credential,
                                  {.name = "revoke",
                                   .summary = "Ends a credential and all tokens made from it.",
                                   .example = "matricula credential revoke ID"},
                                  credential_revoke);
  for (CLI::App* each : {&rotate, &revoke, & restrict}) {
    each->add_option("ID", options.id, "the credential's id or its client id")->required();
  }
}

void add_tokens(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& token = commands.group(
      app, {.name = "token",
            .summary = "API tokens, with which data are read.",
            .example = "matricula token create --company acme --description \"first look\""});
  CLI::App& create = commands.add(
      token,
      {.name = "create",
       .summary = "Makes an API token. It is shown once.",
       .example =
           "matricula token create --company acme --description \"first look\" --expires-in 86400"},
      token_create, {.check = check_expiry});
  create.add_option("--company", options.companies, kCompanyHelp)->type_name("ID")->required();
  free_text(*create.add_option("--description", options.description, "what it is for"));
  add_number(create, "--expires-in", options.expires_in, {1, kHundredYearsInSeconds},
             fmt::format("seconds until it expires; without it: {} days",
                         auth::TokenLimits().default_days))
      .default_str("");
  create.add_flag("--never-expires", options.never_expires, "no expiry at all");
  CLI::App& list = commands.add(token,
                                {.name = "list",
                                 .summary = "Lists the tokens, newest first.",
                                 .example = "matricula token list --company acme --json"},
                                token_list);
  list.add_option("--company", options.company, "of one company: its id or its slug")
      ->type_name("ID");
  CLI::App& revoke = commands.add(token,
                                  {.name = "revoke",
                                   .summary = "Ends a token at once.",
                                   .example = "matricula token revoke ID"},
                                  token_revoke);
  CLI::App& uses = commands.add(token,
                                {.name = "uses",
                                 .summary = "Counts the requests of a token, day by day.",
                                 .example = "matricula token uses ID --json"},
                                token_uses);
  for (CLI::App* each : {&revoke, &uses}) {
    each->add_option("ID", options.id, "the token's id")->required();
  }
}

}  // namespace

void add_keys(CLI::App& app, Commands& commands) {
  add_credentials(app, commands);
  add_tokens(app, commands);
}

}  // namespace matricula::cli
