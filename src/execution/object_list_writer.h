#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "execution/active_flags.h"
#include "execution/answer.h"
#include "execution/list_columns.h"
#include "execution/row_writer.h"
#include "planning/plan.h"
#include "storage/list_reader.h"

namespace matricula::execution {

// A list of an object root, in one state of the company's records.
struct ObjectListRequest {
  const planning::ObjectEntry& entry;
  const storage::ListScope& scope;
  const storage::RecordsVersion& version;
  const ActiveFlags& flags;
};

// Writes lists that are read whole from columns in memory: each row is put together from the values
// of the fields that were asked for. Columns that are not there are read first, and kept. One
// thread at a time.
class ObjectListWriter {
 public:
  // All must outlive it.
  ObjectListWriter(storage::ListReader& reader, ColumnCache& cache, const Clock& clock)
      : reader_(reader), cache_(cache), clock_(clock) {}

  // Appends the list. False, and nothing is appended, where it takes more memory than one list may.
  Result<bool> write(const ObjectListRequest& request, RowWriter& writer, Answer& answer);

 private:
  // The text before a value, and whose value it is.
  struct Part {
    std::string literal;
    std::string key;
    const planning::ShapeField* field = nullptr;
    std::shared_ptr<const JsonColumn> column = {};
  };

  // One list as this thread used it last: its columns, and the version in which it was too large.
  struct Entry {
    std::weak_ptr<const ListColumns> columns = {};
    storage::RecordsVersion too_large = {};
  };

  void take_fields(const ObjectListRequest& request);
  void take_name(const storage::ListScope& scope);
  bool find_columns(const ListColumns& columns);
  Entry& entry_of_list();
  Result<std::shared_ptr<const ListColumns>> read(const ObjectListRequest& request,
                                                  const ListColumns* cached, RowWriter& writer,
                                                  Answer& answer);
  Result<void> append_rows(const ListColumns& columns, Answer& answer) const;
  void append_rows(std::size_t begin, std::size_t end, std::string& out) const;

  storage::ListReader& reader_;
  ColumnCache& cache_;
  const Clock& clock_;
  std::unordered_map<std::string, Entry> entries_;  // by name
  // Of the request.
  std::string name_;  // of the list, as the cache knows it
  std::vector<Part> parts_;
  std::string last_literal_;
};

}  // namespace matricula::execution
