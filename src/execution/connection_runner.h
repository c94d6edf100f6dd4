#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "execution/answer.h"
#include "execution/bound_page.h"
#include "execution/cursor_reader.h"
#include "execution/row_writer.h"
#include "planning/plan.h"
#include "storage/list_reader.h"

namespace matricula::execution {

// A connection of one request.
struct ConnectionRequest {
  const planning::ConnectionPlan& plan;
  const BoundPage& page;
  std::string_view company;
  const ActiveFlags& flags;
  storage::RowsHandle* rows = nullptr;  // of only_read(), where that was sent before; else null
  bool in_snapshot = false;             // whether all reads see one state of the store
};

// Answers one connection: reads the page, the count, and whether there are rows beyond the bounds,
// each only where it is selected, and writes the connection's object. Keeps its buffers from
// request to request; one thread at a time.
class ConnectionRunner {
 public:
  // Appends the connection's JSON object to `out`. On an error `out` holds a part of it, which the
  // caller drops. False, and nothing was appended, where more has to be read than reads() said: the
  // caller runs it again in a snapshot then.
  Result<bool> run(const ConnectionRequest& request, storage::ListReader& reader, RowWriter& writer,
                   Answer& out);

  // Whether the last run() had a row of the page.
  bool has_rows() const { return has_rows_; }

  // The most statements that run() sends over tables and that have to see one state of the store.
  unsigned reads(const ConnectionRequest& request, storage::TableReader& tables) const;

  // The only statement that run() sends over tables; nullopt where it sends several, or none.
  std::optional<storage::UnsentStatement> only_read(const ConnectionRequest& request,
                                                    storage::TableReader& tables) const;

  // Whether that statement is expected to visit few rows.
  bool is_short(const ConnectionRequest& request, storage::TableReader& tables) const;

 private:
  struct Needs {
    bool rows = false;
    bool count = false;
    bool edge_cursor = false;
    bool start_cursor = false;
    bool end_cursor = false;
    bool next = false;
    bool previous = false;
  };
  // What is known of the list once the page is read.
  struct Found {
    std::uint32_t rows = 0;
    bool more = false;  // a row beyond the page, in the direction it was read
    std::int64_t total = 0;
    bool has_next = false;
    bool has_previous = false;
  };
  // One call of run(): what it works with, and what it has read so far.
  struct Run {
    const ConnectionRequest& request;
    const Needs needed;
    const storage::PageQuery query;
    storage::ListReader& reader;
    RowWriter& writer;
    Answer& out;
    Found found = {};
    storage::WritableRows* writable = nullptr;  // the page, where its rows are in memory
  };
  Needs needs(const planning::ConnectionPlan& plan, const ActiveFlags& flags) const;
  static storage::PageQuery page_query(const ConnectionRequest& request);
  static std::optional<storage::PageQuery> whole_page(const ConnectionRequest& request,
                                                      const Needs& needed,
                                                      storage::ListReader& reader);
  static Result<void> read_count(Run& run);
  static void read_added(Run& run, const storage::Rows& row);
  Result<void> read_rows(Run& run, storage::RowsHandle rows);
  void read_ends(Run& run);
  static Result<void> look_beyond(Run& run);
  Result<void> write(Run& run);
  Result<void> write_edges(Run& run, std::size_t entry);
  void write_page_info(const Run& run, const planning::ConnectionEntry& entry,
                       std::string& out) const;

  storage::RowProgram program_;  // of the entry whose rows are being written
  CursorReader cursors_;
  std::string cursor_;        // of the current row, as JSON
  std::string first_cursor_;  // of the first row read
  std::string last_cursor_;   // of the last one
  bool has_rows_ = false;
};

}  // namespace matricula::execution
