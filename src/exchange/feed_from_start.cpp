#include "exchange/feed_from_start.h"

#include <array>
#include <span>
#include <string>
#include <vector>

#include "records/change_reader.h"
#include "tables/change_line.h"

namespace matricula::exchange {

Result<void> delete_what_lacks(storage::Session& session, std::string_view company,
                               FeedSpool& spool) {
  const storage::Bind id[] = {company};
  MATRICULA_TRY(const bool has_company,
                spool.has(records::entity(records::EntityId::kCompanies), id));
  if (!has_company) {
    return fail(ErrorCode::kBadUserInput,
                "The feed does not have the company's own record, so it was not read from the "
                "start. Read it from `after=0` to its end, or leave out --from-start.");
  }
  std::vector<records::EntityId> tables;
  for (const records::Entity& entity : records::entities()) {
    tables.push_back(entity.id);
  }
  records::ChangeReader stored(session,
                               {.company = company, .tables = tables, .deletes_after = {}});
  std::array<storage::Bind, records::kFieldsMax> key;
  std::string line;
  for (;;) {
    MATRICULA_TRY(const bool is_row, stored.next());
    if (!is_row) {
      return {};
    }
    records::Change change = stored.change();
    MATRICULA_TRY(const bool is_in_feed, spool.has(*change.entity, change.values));
    if (is_in_feed) {
      continue;
    }
    const std::span<const records::Field> fields = change.entity->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      key[i] = fields[i].is_key ? change.values[i] : storage::Bind();
    }
    change.values = std::span<const storage::Bind>(key).first(fields.size());
    change.is_deletion = true;
    line.clear();
    tables::append_change(line, change);
    MATRICULA_CHECK(spool.add_deletion(*change.entity, change.values, line));
  }
}

}  // namespace matricula::exchange
