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
  storage::RowsHandle* rows = nullptr;  // of only_read(), where they were read before
  bool in_snapshot = false;             // whether all that is read comes from one state
};

// Answers one connection: reads the page, the count and what is beyond the bounds, each only where
// it is selected, and writes the connection's object. Keeps its buffers from request to request;
// one thread at a time.
class ConnectionRunner {
 public:
  // Appends the connection's JSON object to `out`. On an error `out` holds a part of it, which the
  // caller drops. False, and nothing was appended, where more has to be read than reads() said: it
  // is to be run again in a snapshot then.
  Result<bool> run(const ConnectionRequest& request, storage::ListReader& reader, RowWriter& writer,
                   Answer& out);

  // How many statements run() sends that are to see one state of the store, at most.
  unsigned reads(const ConnectionRequest& request, storage::ListReader& reader) const;

  // The statement that is all that run() sends; nullopt where it sends others, or none.
  std::optional<storage::UnsentStatement> only_read(const ConnectionRequest& request,
                                                    storage::ListReader& reader) const;

  // Whether that statement is expected to pass few rows.
  bool is_short(const ConnectionRequest& request, storage::ListReader& reader) const;

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
  // The page that is read, and for what.
  struct Reading {
    const Needs& needed;
    const storage::PageQuery& query;
  };
  // What a page came to.
  struct Found {
    std::uint32_t rows = 0;
    bool more = false;  // a row beyond the page, in the direction it was read
    std::int64_t total = 0;
    bool has_next = false;
    bool has_previous = false;
    storage::WritableRows* writable = nullptr;  // the rows, where they are not written yet
  };

  Needs needs(const planning::ConnectionPlan& plan, const ActiveFlags& flags) const;
  static storage::PageQuery page_query(const ConnectionRequest& request);
  static std::optional<storage::PageQuery> whole_page(const ConnectionRequest& request,
                                                      const Needs& needed,
                                                      storage::ListReader& reader);
  static Result<void> read_count(const ConnectionRequest& request, const storage::ListScope& scope,
                                 storage::ListReader& reader, const Needs& needed, Found& found);
  static void read_added(const ConnectionRequest& request, const storage::PageQuery& query,
                         const storage::Rows& row, Found& found);
  Result<void> read_rows(const ConnectionRequest& request, const Reading& reading,
                         storage::RowsHandle rows, RowWriter& writer, Found& found, Answer& out);
  void read_ends(const ConnectionRequest& request, const Needs& needed, storage::WritableRows& rows,
                 Found& found);
  static Result<void> look_beyond(const BoundPage& page, const storage::ListScope& scope,
                                  storage::ListReader& reader, const Needs& needed, Found& found);
  Result<void> write(const ConnectionRequest& request, const Found& found, RowWriter& writer,
                     Answer& out);
  Result<void> write_edges(const ConnectionRequest& request, std::size_t entry,
                           storage::WritableRows& rows, RowWriter& writer, Answer& out);
  void write_page_info(const ConnectionRequest& request, const planning::ConnectionEntry& entry,
                       const Found& found, std::string& out) const;

  storage::RowProgram program_;  // of the entry whose rows are being written
  CursorReader cursors_;
  std::string cursor_;        // of the current row, as JSON
  std::string first_cursor_;  // of the first row read
  std::string last_cursor_;   // of the last one
};

}  // namespace matricula::execution
