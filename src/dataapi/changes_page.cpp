#include "dataapi/changes_page.h"

#include "tables/change_line.h"

namespace matricula::dataapi {
namespace {

// Lines beyond this go to the spool.
constexpr std::size_t kMemoryBytes = 256 * 1024;

Result<void> spill(spool::StoredBytes& lines, const std::shared_ptr<spool::Spool>& spool,
                   spool::Owner owner) {
  if (lines.file == nullptr) {
    lines.file = spool->create(owner);
    lines.extents.emplace_back();
  }
  MATRICULA_CHECK(lines.file->append(lines.text));
  lines.extents.front().length += lines.text.size();
  lines.text.clear();
  return {};
}

}  // namespace

Result<ChangesPage> read_changes(storage::Session& session, std::string_view company,
                                 const ChangesRequest& request, const records::SequenceState& state,
                                 const std::shared_ptr<spool::Spool>& spool, spool::Owner owner) {
  ChangesPage page{.next = state.last};
  if (request.after >= state.last) {
    return page;
  }
  records::ChangeReader reader(session, {.company = company,
                                         .tables = request.tables,
                                         .after = request.after,
                                         .deletes_after = deletes_after(request)});
  std::int64_t last = request.after;
  for (std::int64_t count = 0;; ++count) {
    MATRICULA_TRY(const bool any, reader.next());
    if (!any) {
      break;
    }
    if (count == request.limit) {
      page.has_more = true;
      page.next = last;
      break;
    }
    page.is_empty = false;
    last = reader.change().sequence;
    tables::append_change(page.lines.text, reader.change());
    if (page.lines.text.size() >= kMemoryBytes) {
      MATRICULA_CHECK(spill(page.lines, spool, owner));
    }
  }
  return page;
}

}  // namespace matricula::dataapi
