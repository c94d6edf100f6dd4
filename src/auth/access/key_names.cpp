#include "auth/access/key_names.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

// So many ids are looked up by one statement, whose text stays the same: the places that are left
// have the last id once more.
constexpr std::size_t kIdsAtOnce = 64;

// The places of the ids, `?FIRST, ...`.
std::string places(std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < first + kIdsAtOnce; ++i) {
    text += fmt::format("{}?{}", text.empty() ? "" : ", ", i);
  }
  return text;
}

const storage::Statement kCredentials(fmt::format(
    "SELECT c.id, c.client_id, CASE WHEN EXISTS (SELECT 1 FROM credential_companies AS cc"
    " WHERE cc.credential_id = c.id AND cc.company_id = ?1) THEN c.description ELSE '' END"
    " FROM client_credentials AS c WHERE c.id IN ({})",
    places(2)));
const storage::Statement kTokens(
    fmt::format("SELECT t.id, t.redacted, t.description, s.scope_key FROM api_tokens AS t"
                " JOIN token_scopes AS s ON s.token_id = t.id WHERE t.id IN ({})",
                places(1)));

// A token, of which a row is read for each company that it ever read.
struct TokenName {
  std::string redacted;
  std::string description;
  bool reads_company = false;
  bool is_whole = true;  // the viewer administers all of them
};

std::string first_of(std::string_view description, std::string_view otherwise) {
  return std::string(description.empty() ? otherwise : description);
}

// The names of kIdsAtOnce ids at most, which are added to `found`.
Result<void> add_names(storage::Session& reader, const Principal& viewer,
                       std::string_view company_id, std::span<const Uuid> ids,
                       std::map<Uuid, KeyName>& found) {
  std::vector<storage::Bind> binds{company_id};
  for (std::size_t i = 0; i < kIdsAtOnce; ++i) {
    binds.emplace_back(ids[std::min(i, ids.size() - 1)].bytes());
  }
  MATRICULA_CHECK(storage::each_row(
      reader, kCredentials, std::span<const storage::Bind>(binds), [&](const storage::Rows& rows) {
        found.emplace(uuid_of(rows.bytes(0)),
                      KeyName{.is_credential = true, .name = first_of(rows.text(2), rows.text(1))});
      }));
  std::map<Uuid, TokenName> tokens;
  MATRICULA_CHECK(
      storage::each_row(reader, kTokens, std::span<const storage::Bind>(binds).subspan(1),
                        [&](const storage::Rows& rows) {
                          TokenName& token = tokens[uuid_of(rows.bytes(0))];
                          token.redacted = rows.text(1);
                          token.description = rows.text(2);
                          token.reads_company = token.reads_company || rows.text(3) == company_id;
                          token.is_whole = token.is_whole && viewer.administers(rows.text(3));
                        }));
  for (const auto& [id, token] : tokens) {
    if (token.reads_company) {
      found.emplace(
          id, KeyName{.is_credential = false,
                      .name = first_of(token.is_whole ? token.description : std::string_view(),
                                       token.redacted)});
    }
  }
  return {};
}

}  // namespace

Result<std::map<Uuid, KeyName>> key_names(storage::Session& reader, const Principal& viewer,
                                          std::string_view company_id, std::span<const Uuid> ids) {
  std::map<Uuid, KeyName> found;
  for (std::size_t first = 0; first < ids.size(); first += kIdsAtOnce) {
    const std::size_t count = std::min(kIdsAtOnce, ids.size() - first);
    MATRICULA_CHECK(add_names(reader, viewer, company_id, ids.subspan(first, count), found));
  }
  return found;
}

}  // namespace matricula::auth
