#include "cli/ids.h"

#include <fmt/format.h>

#include "auth/access/credential_rows.h"
#include "auth/access/find_credential.h"
#include "auth/access/token_rows.h"
#include "auth/schema/directory.h"
#include "base/text.h"

namespace matricula::cli {
namespace {

tl::unexpected<Error> not_found(const std::string& text, std::string_view what,
                                std::string_view command) {
  return fail(ErrorCode::kNotFound,
              fmt::format("\"{}\": no {}; `matricula {} list` lists them", text, what, command));
}

}  // namespace

Result<std::string> company_id(storage::Session& session, const std::string& text) {
  if (is_utf8(text)) {
    MATRICULA_TRY(const auto by_id, auth::find_company(session, text));
    if (by_id) {
      return by_id->id;
    }
    MATRICULA_TRY(const auto by_slug, auth::find_company_by_slug(session, text));
    if (by_slug) {
      return by_slug->id;
    }
  }
  return not_found(text, "company has this id or slug", "company");
}

Result<std::vector<std::string>> company_ids(storage::Session& session,
                                             const std::vector<std::string>& texts) {
  std::vector<std::string> ids;
  for (const std::string& text : texts) {
    MATRICULA_TRY(std::string id, company_id(session, text));
    ids.push_back(std::move(id));
  }
  return ids;
}

Result<std::string> credential_id(storage::Session& session, const std::string& text) {
  if (const auto id = auth::parse_uuid(text)) {
    MATRICULA_TRY(const auto credential, auth::read_credential(session, *id, 0));
    if (credential) {
      return credential->id;
    }
  } else if (is_utf8(text)) {
    MATRICULA_TRY(const auto by_client_id, auth::find_credential_id(session, text));
    if (by_client_id) {
      return auth::uuid_text(*by_client_id);
    }
  }
  return not_found(text, "client credential has this id or client id", "credential");
}

Result<auth::Uuid> token_id(storage::Session& session, const std::string& text) {
  if (const auto id = auth::parse_uuid(text)) {
    MATRICULA_TRY(const auto token, auth::read_token(session, *id));
    if (token) {
      return *id;
    }
  }
  return not_found(text, "API token has this id", "token");
}

}  // namespace matricula::cli
