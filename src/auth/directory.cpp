#include "auth/directory.h"

#include "auth/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kCompany("SELECT id, slug, name FROM companies WHERE id = ?1");

}  // namespace

Result<std::optional<Company>> find_company(storage::Session& session, std::string_view id) {
  std::optional<Company> company;
  MATRICULA_CHECK(each(session, kCompany, {id}, [&](const storage::Rows& rows) {
    company = Company{.id = text_of(rows, 0), .slug = text_of(rows, 1), .name = text_of(rows, 2)};
  }));
  return company;
}

Result<void> require_companies(storage::Session& session, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    MATRICULA_TRY(const auto company, find_company(session, id));
    if (!company) {
      return fail(ErrorCode::kBadUserInput, "There is no company \"" + id + "\".");
    }
  }
  return {};
}

}  // namespace matricula::auth
