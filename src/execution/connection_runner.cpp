#include "execution/connection_runner.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "json/writer.h"

namespace matricula::execution {

using planning::ConnectionEntry;
using planning::ConnectionField;
using planning::ConnectionPlan;
using planning::PageInfoEntry;
using planning::PageInfoField;
using planning::ShapeField;
using planning::Write;

namespace {

constexpr std::string_view kSmallerPage = "Ask for a smaller page.";
// About what a value of a row takes.
constexpr std::size_t kExpectedValueBytes = 20;

}  // namespace

ConnectionRunner::Needs ConnectionRunner::needs(const ConnectionPlan& plan,
                                                const ActiveFlags& flags) const {
  Needs needed;
  for (const ConnectionEntry& entry : plan.entries) {
    if (!flags.holds(entry.when)) {
      continue;
    }
    needed.count |= entry.field == ConnectionField::kTotalCount;
    if (entry.field == ConnectionField::kEdges) {
      needed.rows = true;
      needed.edge_cursor |= std::ranges::any_of(entry.edge->fields, [](const ShapeField& field) {
        return field.write == Write::kCursor;
      });
    }
    for (const PageInfoEntry& field : entry.page_info) {
      if (flags.holds(field.when)) {
        needed.next |= field.field == PageInfoField::kHasNextPage;
        needed.previous |= field.field == PageInfoField::kHasPreviousPage;
        needed.start_cursor |= field.field == PageInfoField::kStartCursor;
        needed.end_cursor |= field.field == PageInfoField::kEndCursor;
      }
    }
  }
  needed.rows |= needed.next || needed.previous || needed.start_cursor || needed.end_cursor;
  return needed;
}

unsigned ConnectionRunner::reads(const ConnectionRequest& request,
                                 storage::TableReader& tables) const {
  const BoundPage& page = request.page;
  const Needs needed = needs(request.plan, request.flags);
  // A search first reads the ids of the people that match, in a statement of its own.
  const bool is_search = std::ranges::any_of(page.conditions, [&](const auto& condition) {
    return request.plan.root->relation.filters[condition.filter].kind == sql::FilterKind::kSearch;
  });
  const unsigned searches = is_search && (needed.rows || needed.count) ? 1U : 0U;
  if (whole_page(request, needed, tables)) {
    return 1 + searches;
  }
  return (needed.rows ? 1U : 0U) + searches + (needed.count ? 1U : 0U) +
         (needed.next && page.before ? 1U : 0U) + (needed.previous && page.after ? 1U : 0U);
}

storage::PageQuery ConnectionRunner::page_query(const ConnectionRequest& request) {
  const BoundPage& page = request.page;
  return {.scope = {.relation = &request.plan.root->relation,
                    .company = request.company,
                    .fixed = page.fixed,
                    .conditions = page.conditions},
          .columns = request.plan.columns,
          .order = page.order,
          .descending = page.descending,
          .direction = page.direction,
          .after = page.after ? &*page.after : nullptr,
          .before = page.before ? &*page.before : nullptr,
          .limit = page.rows + 1};
}

// The page with all else that is needed of the list, where its rows say it; else nullopt.
std::optional<storage::PageQuery> ConnectionRunner::whole_page(const ConnectionRequest& request,
                                                               const Needs& needed,
                                                               storage::ListReader& reader) {
  const BoundPage& page = request.page;
  const bool forwards = page.direction == sql::Direction::kForwards;
  const bool looks_behind = needed.previous && page.after;
  const bool looks_ahead = needed.next && page.before;
  if (!needed.rows || page.nothing_matches || (forwards ? looks_ahead : looks_behind)) {
    return std::nullopt;
  }
  storage::PageQuery query = page_query(request);
  query.with_beyond = forwards ? looks_behind : looks_ahead;
  query.with_count = needed.count;
  const bool is_page_alone = !query.with_beyond && !query.with_count;
  return is_page_alone || reader.can_add(query) ? std::optional(query) : std::nullopt;
}

std::optional<storage::UnsentStatement> ConnectionRunner::only_read(
    const ConnectionRequest& request, storage::TableReader& tables) const {
  const Needs needed = needs(request.plan, request.flags);
  if (const auto page = whole_page(request, needed, tables)) {
    return tables.page_statement(*page);
  }
  return needed.count && !needed.rows && !request.page.nothing_matches
             ? tables.count_statement(page_query(request).scope)
             : std::nullopt;
}

bool ConnectionRunner::is_short(const ConnectionRequest& request,
                                storage::TableReader& tables) const {
  const auto page = whole_page(request, needs(request.plan, request.flags), tables);
  return page && tables.is_short(*page);
}

Result<bool> ConnectionRunner::run(const ConnectionRequest& request, storage::ListReader& reader,
                                   RowWriter& writer, Answer& out) {
  const BoundPage& page = request.page;
  const Needs needed = needs(request.plan, request.flags);
  const auto whole = whole_page(request, needed, reader);
  Run run{.request = request,
          .needed = needed,
          .query = whole ? *whole : page_query(request),
          .reader = reader,
          .writer = writer,
          .out = out};
  // Rows read backwards come last first.
  out.begin_lists(request.plan.entries.size(), page.direction == sql::Direction::kBackwards);
  storage::RowsHandle rows;
  if (needed.rows && !page.nothing_matches) {
    MATRICULA_TRY(rows, request.rows == nullptr
                            ? reader.page(run.query)
                            : Result<storage::RowsHandle>(std::move(*request.rows)));
    run.writable = dynamic_cast<storage::WritableRows*>(rows.get());
    if (run.writable != nullptr) {
      read_ends(run);
    } else {
      MATRICULA_CHECK(read_rows(run, std::move(rows)));
    }
    const bool forwards = page.direction == sql::Direction::kForwards;
    (forwards ? run.found.has_next : run.found.has_previous) = run.found.more;
  }
  const bool is_complete =
      whole && (run.found.rows > 0 || !(run.query.with_beyond || run.query.with_count));
  if (whole && !is_complete && !request.in_snapshot) {
    return false;  // added columns come with rows, and there was none
  }
  if (!is_complete && !page.nothing_matches) {
    MATRICULA_CHECK(look_beyond(run));
    MATRICULA_CHECK(read_count(run));
  }
  MATRICULA_CHECK(write(run));
  has_rows_ = run.found.rows > 0;
  return true;
}

Result<void> ConnectionRunner::read_count(Run& run) {
  const ConnectionRequest& request = run.request;
  if (!run.needed.count) {
    return {};
  }
  if (request.rows == nullptr || run.needed.rows) {
    MATRICULA_TRY(run.found.total, run.reader.count(run.query.scope));
    return {};
  }
  MATRICULA_TRY(const bool is_there, (*request.rows)->next());
  MATRICULA_ASSERT(is_there);
  run.found.total = (*request.rows)->integer(0);
  request.rows->reset();
  return {};
}

// The columns that the query added, behind the order's key and its ties: the same in every row.
void ConnectionRunner::read_added(Run& run, const storage::Rows& row) {
  const storage::PageQuery& query = run.query;
  const sql::Relation& relation = run.request.plan.root->relation;
  const std::size_t ties = relation.orders[query.order].unique ? 0 : relation.ties.size();
  auto column = static_cast<unsigned>(query.columns.size() + 1 + ties);
  if (query.with_beyond) {
    const bool forwards = query.direction == sql::Direction::kForwards;
    (forwards ? run.found.has_previous : run.found.has_next) = row.integer(column++) != 0;
  }
  if (query.with_count) {
    run.found.total = row.integer(column);
  }
}

Result<void> ConnectionRunner::read_rows(Run& run, storage::RowsHandle rows) {
  const ConnectionPlan& plan = run.request.plan;
  const BoundPage& page = run.request.page;
  const ActiveFlags& flags = run.request.flags;
  const Needs& needed = run.needed;
  Found& found = run.found;
  const bool cursors = needed.edge_cursor || needed.start_cursor || needed.end_cursor;
  while (true) {
    MATRICULA_TRY(const bool any, rows->next());
    if (!any || found.rows == page.rows) {
      found.more = any;
      last_cursor_ = cursor_;
      return {};
    }
    if (found.rows == 0) {
      read_added(run, *rows);
    }
    if (cursors) {
      cursors_.read(plan, page.order, *rows, cursor_);
      if (found.rows == 0) {
        first_cursor_ = cursor_;
      }
    }
    ++found.rows;
    for (std::size_t i = 0; i < plan.entries.size(); ++i) {
      const ConnectionEntry& entry = plan.entries[i];
      if (entry.field != ConnectionField::kEdges || !flags.holds(entry.when)) {
        continue;
      }
      MATRICULA_CHECK(run.writer.object(*entry.edge, *rows, flags, cursor_, run.out.begin_row(i)));
      MATRICULA_CHECK(run.out.end_row(i, kSmallerPage));
    }
  }
}

// For a page that is in memory: its size and its first and last cursor. The rows themselves are
// written later, when their place in the answer comes.
void ConnectionRunner::read_ends(Run& run) {
  const ConnectionRequest& request = run.request;
  const BoundPage& page = request.page;
  storage::WritableRows& rows = *run.writable;
  Found& found = run.found;
  found.more = rows.size() > page.rows;
  found.rows = static_cast<std::uint32_t>(std::min<std::size_t>(rows.size(), page.rows));
  if (found.rows != 0 && (run.needed.start_cursor || run.needed.end_cursor)) {
    rows.show(0);
    cursors_.read(request.plan, page.order, rows, cursor_);
    first_cursor_ = cursor_;
    rows.show(found.rows - 1);
    cursors_.read(request.plan, page.order, rows, cursor_);
    last_cursor_ = cursor_;
  }
  rows.arrange(found.rows, page.direction == sql::Direction::kBackwards);
}

Result<void> ConnectionRunner::write_edges(Run& run, std::size_t entry) {
  const ConnectionRequest& request = run.request;
  storage::WritableRows& rows = *run.writable;
  Answer& out = run.out;
  const planning::Shape& edge = *request.plan.entries[entry].edge;
  const bool is_program = RowWriter::compile(edge, request.flags, program_);
  const bool has_cursor = std::ranges::any_of(
      edge.fields, [](const ShapeField& field) { return field.write == Write::kCursor; });
  out.expect(rows.size() * (program_.literals_size + kExpectedValueBytes * program_.steps.size()));
  rows.rewind();
  for (bool is_first = true;; is_first = false) {
    MATRICULA_TRY(const bool any, rows.next());
    if (!any) {
      return {};
    }
    if (has_cursor) {
      cursors_.read(request.plan, request.page.order, rows, cursor_);
    }
    std::string& text = out.text();
    text.append(is_first ? "" : ",");
    if (!is_program || !rows.write(program_, cursor_, text)) {
      MATRICULA_CHECK(run.writer.object(edge, rows, request.flags, cursor_, text));
    }
    MATRICULA_CHECK(out.settle(kSmallerPage));
  }
}

// GraphQL Cursor Connections Specification, section 5.1, made exact. Read forwards: there is a next
// page when one row more than the page came, or a row is at or after `before`; a previous page when
// a row is at or before `after`. Mirrored when read backwards.
Result<void> ConnectionRunner::look_beyond(Run& run) {
  const BoundPage& page = run.request.page;
  const storage::BoundQuery query{
      .scope = run.query.scope, .order = page.order, .descending = page.descending};
  if (run.needed.next && !run.found.has_next && page.before) {
    storage::BoundQuery after = query;
    after.at_or_after = &*page.before;
    MATRICULA_TRY(run.found.has_next, run.reader.exists_beyond(after));
  }
  if (run.needed.previous && !run.found.has_previous && page.after) {
    storage::BoundQuery before = query;
    before.at_or_before = &*page.after;
    MATRICULA_TRY(run.found.has_previous, run.reader.exists_beyond(before));
  }
  return {};
}

Result<void> ConnectionRunner::write(Run& run) {
  const ConnectionRequest& request = run.request;
  Answer& out = run.out;
  out.text() += '{';
  bool first = true;
  for (std::size_t i = 0; i < request.plan.entries.size(); ++i) {
    const ConnectionEntry& entry = request.plan.entries[i];
    if (!request.flags.holds(entry.when)) {
      continue;
    }
    if (!first) {
      out.text() += ',';
    }
    first = false;
    out.text() += entry.prefix;
    switch (entry.field) {
      case ConnectionField::kTypename:
        out.text() += entry.typename_json;
        break;
      case ConnectionField::kTotalCount:
        json::append_integer(out.text(), run.found.total);
        break;
      case ConnectionField::kPageInfo:
        write_page_info(run, entry, out.text());
        break;
      case ConnectionField::kEdges:
        out.text() += '[';
        MATRICULA_CHECK(run.writable != nullptr ? write_edges(run, i) : out.place_list(i));
        out.text() += ']';
        break;
    }
  }
  out.text() += '}';
  return {};
}

void ConnectionRunner::write_page_info(const Run& run, const ConnectionEntry& entry,
                                       std::string& out) const {
  const ConnectionRequest& request = run.request;
  const Found& found = run.found;
  const bool forwards = request.page.direction == sql::Direction::kForwards;
  const auto cursor = [&](bool first_read) -> std::string_view {
    if (found.rows == 0) {
      return "null";
    }
    return first_read ? first_cursor_ : last_cursor_;
  };
  out += '{';
  bool first = true;
  for (const PageInfoEntry& field : entry.page_info) {
    if (!request.flags.holds(field.when)) {
      continue;
    }
    if (!first) {
      out += ',';
    }
    first = false;
    out += field.prefix;
    switch (field.field) {
      case PageInfoField::kTypename:
        out += entry.typename_json;
        break;
      case PageInfoField::kHasNextPage:
        json::append_boolean(out, found.has_next);
        break;
      case PageInfoField::kHasPreviousPage:
        json::append_boolean(out, found.has_previous);
        break;
      case PageInfoField::kStartCursor:
        out += cursor(forwards);
        break;
      case PageInfoField::kEndCursor:
        out += cursor(!forwards);
        break;
    }
  }
  out += '}';
}

}  // namespace matricula::execution
