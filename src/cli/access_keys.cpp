#include <fmt/format.h>

#include "cli/access.h"
#include "cli/access_text.h"

namespace matricula::cli {
namespace {

Result<int> credential_create(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(auth::Restrictions restrictions,
                auth::parse_restrictions(options.networks, options.endpoints));
  MATRICULA_TRY(const auth::NewClientCredential made,
                access.credentials.create({.company_ids = options.companies,
                                           .description = options.description,
                                           .restrictions = std::move(restrictions)},
                                          access.caller()));
  say(context, new_credential_text(made),
      fmt::format("client id     {}\nclient secret {}  (shown this once)", made.client_id,
                  made.client_secret));
  return 0;
}

Result<int> credential_rotate(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::NewClientCredential made,
                access.credentials.rotate(options.id, options.overlap, access.caller()));
  say(context, new_credential_text(made),
      fmt::format("client id     {}\nclient secret {}  (shown this once)", made.client_id,
                  made.client_secret));
  return 0;
}

Result<int> credential_revoke(Context& context, const Options& options, Access& access) {
  MATRICULA_CHECK(access.credentials.revoke(options.id, access.caller()));
  say(context, "{}", fmt::format("{}: revoked, with every token made from it", options.id));
  return 0;
}

Result<int> credential_restrict(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::Restrictions restrictions,
                auth::parse_restrictions(options.networks, options.endpoints));
  MATRICULA_TRY(const auth::ClientCredential changed,
                access.credentials.restrict(options.id, restrictions, access.caller()));
  say(context, credential_text(changed),
      fmt::format("{}: {} networks and {} endpoints; none of a kind means no restriction",
                  changed.id, restrictions.networks.size(), restrictions.endpoints.size()));
  return 0;
}

Result<int> credential_list(Context&, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list,
                access.credentials.list(*reader, access.caller().principal, company_of(options)));
  print_lines(list, credential_text);
  return 0;
}

Result<int> token_create(Context& context, const Options& options, Access& access) {
  auth::CreateToken input{.description = options.description, .company_ids = options.companies};
  if (options.expires_in > 0) {
    input.expires_at = context.clock.now() + options.expires_in * 1'000'000;
  }
  MATRICULA_TRY(const auth::NewToken made, access.tokens.create(input, access.caller()));
  say(context, new_token_text(made),
      fmt::format("token {}  (shown this once)\nid    {}", made.unredacted_token, made.token.id));
  return 0;
}

Result<int> token_revoke(Context& context, const Options& options, Access& access) {
  MATRICULA_CHECK(access.tokens.revoke(options.id, access.caller()));
  say(context, "{}", fmt::format("{}: revoked", options.id));
  return 0;
}

Result<int> token_list(Context&, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list, access.tokens.list_all(*reader, company_of(options)));
  print_lines(list, token_text);
  return 0;
}

Result<int> token_uses(Context&, const Options& options, Access& access) {
  const auto id = auth::parse_uuid(options.id);
  if (!id) {
    return fail(ErrorCode::kUsage, fmt::format("{}: not the id of a token", options.id));
  }
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto days, auth::read_uses(*reader, *id));
  print_lines(days, day_text);
  return 0;
}

void add_credentials(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& credential = Commands::group(app, "credential", "client credentials");
  CLI::App& create =
      commands.add(credential, "create", "for one or more companies", credential_create);
  create.add_option("--company", options.companies, "may stand several times")->required();
  create.add_option("--description", options.description);
  CLI::App& restrict = commands.add(credential, "restrict", "in place of the restrictions before",
                                    credential_restrict);
  for (CLI::App* each : {&create, & restrict}) {
    each->add_option("--network", options.networks,
                     "the only ones that it works from, such as 192.0.2.0/24");
    each->add_option("--endpoint", options.endpoints,
                     "the only ones that its tokens read, such as catalog");
  }
  CLI::App& list = commands.add(credential, "list", "newest first, a line each", credential_list);
  list.add_option("--company", options.company);
  CLI::App& rotate = commands.add(credential, "rotate", "a new secret", credential_rotate);
  rotate.add_option("--overlap", options.overlap, "seconds that the old secret keeps working");
  CLI::App& revoke = commands.add(credential, "revoke", "and all its tokens", credential_revoke);
  for (CLI::App* each : {&rotate, &revoke, & restrict}) {
    each->add_option("ID", options.id, "of the credential")->required();
  }
}

void add_tokens(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& token = Commands::group(app, "token", "API tokens");
  CLI::App& create = commands.add(token, "create", "for one or more companies", token_create);
  create.add_option("--company", options.companies, "may stand several times")->required();
  create.add_option("--description", options.description);
  create.add_option("--expires-in", options.expires_in, "seconds")->check(CLI::PositiveNumber);
  CLI::App& list = commands.add(token, "list", "newest first, a line each", token_list);
  list.add_option("--company", options.company);
  CLI::App& revoke = commands.add(token, "revoke", "ends a token at once", token_revoke);
  CLI::App& uses = commands.add(token, "uses", "requests by day, a line each", token_uses);
  for (CLI::App* each : {&revoke, &uses}) {
    each->add_option("ID", options.id, "of the token")->required();
  }
}

}  // namespace

void add_keys(CLI::App& app, Commands& commands) {
  add_credentials(app, commands);
  add_tokens(app, commands);
}

}  // namespace matricula::cli
