#include "execution/object_list_writer.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "base/assert.h"
#include "base/wide_copy.h"

namespace matricula::execution {

using planning::Shape;
using planning::ShapeField;
using planning::Write;

namespace {

// Entries of this thread's map of lists; past it the map is cleared.
constexpr std::size_t kEntriesMax = 4'096;
// Rows that are appended between two checks of the answer's bounds.
constexpr std::size_t kRowsAtOnce = 32;

// Appends the selected fields to the key of a JSON column, whose values depend on them.
void append_selection(const Shape& shape, const ActiveFlags& flags, std::string& key) {
  key += '{';
  for (const ShapeField& field : shape.fields) {
    if (flags.holds(field.when)) {
      key += field.prefix;
      key += field.write == Write::kTypename ? shape.typename_json : field.name;
      if (field.child != nullptr) {
        append_selection(*field.child, flags, key);
      }
    }
  }
  key += '}';
}

}  // namespace

Result<bool> ObjectListWriter::write(const ObjectListRequest& request, RowWriter& writer,
                                     Answer& answer) {
  take_fields(request);
  take_name(request.scope);
  Entry& entry = entry_of_list();
  if (entry.too_large == request.version) {
    return false;
  }
  // Takes no lock of the cache on a hit.
  std::shared_ptr<const ListColumns> columns = entry.columns.lock();
  if (columns != nullptr && columns->version != request.version) {
    columns.reset();
  }
  if (columns == nullptr || !find_columns(*columns)) {
    // Another thread may have read them meanwhile, or more of them.
    if (auto shared = cache_.find(name_); shared && shared->version == request.version) {
      columns = std::move(shared);
    }
    if (columns == nullptr || !find_columns(*columns)) {
      MATRICULA_TRY(columns, read(request, columns.get(), writer, answer));
      if (columns == nullptr || !find_columns(*columns)) {
        entry.too_large = request.version;
        return false;
      }
      cache_.put(name_, columns);
    }
    entry.columns = columns;
  }
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(clock_.monotonic()).count();
  if (columns->used_at.load(std::memory_order_relaxed) != second) {
    columns->used_at.store(second, std::memory_order_relaxed);
  }
  MATRICULA_CHECK(append_rows(*columns, answer));
  return true;
}

void ObjectListWriter::take_fields(const ObjectListRequest& request) {
  parts_.clear();
  std::string literal = "{";
  bool first = true;
  for (const ShapeField& field : request.entry.shape->fields) {
    if (!request.flags.holds(field.when)) {
      continue;
    }
    literal += first ? "" : ",";
    first = false;
    literal += field.prefix;
    if (field.write == Write::kTypename) {
      literal += request.entry.shape->typename_json;
      continue;
    }
    std::string key = fmt::format("{}", request.entry.columns[field.column]);
    if (field.child != nullptr) {
      append_selection(*field.child, request.flags, key);
    }
    literal.reserve(literal.size() + kSlack);
    parts_.push_back(
        {.literal = std::exchange(literal, {}), .key = std::move(key), .field = &field});
  }
  last_literal_ = std::move(literal) + "}";
  last_literal_.reserve(last_literal_.size() + kSlack);
}

// The name of the list in the cache. A relation is its address: two may have one name, which is for
// messages. Lengths come before texts, so no two lists have one name.
void ObjectListWriter::take_name(const storage::ListScope& scope) {
  name_ = fmt::format("{}:{}:{}", static_cast<const void*>(scope.relation), scope.company.size(),
                      scope.company);
  for (const storage::KeyValue& value : scope.fixed) {
    const auto& text = std::get<std::string>(value);
    name_ += fmt::format(":{}:{}", text.size(), text);
  }
}

// Points each part to its column; false where one is missing.
bool ObjectListWriter::find_columns(const ListColumns& columns) {
  return std::ranges::all_of(parts_, [&](Part& part) {
    part.column = columns.find(part.key);
    return part.column != nullptr;
  });
}

ObjectListWriter::Entry& ObjectListWriter::entry_of_list() {
  if (const auto found = entries_.find(name_); found != entries_.end()) {
    return found->second;
  }
  if (entries_.size() >= kEntriesMax) {
    entries_.clear();
  }
  return entries_[name_];
}

// The cached columns and the missing ones of the parts, which are read. Null where they take more
// memory than a list may, or where the cached ones turn out to have other rows.
Result<std::shared_ptr<const ListColumns>> ObjectListWriter::read(const ObjectListRequest& request,
                                                                  const ListColumns* cached,
                                                                  RowWriter& writer,
                                                                  Answer& answer) {
  struct Made {
    const ShapeField& field;
    std::shared_ptr<JsonColumn> column;
  };
  std::vector<Made> made;
  for (const Part& part : parts_) {
    const bool is_made =
        std::ranges::any_of(made, [&](const Made& other) { return other.column->key == part.key; });
    if (!is_made && (cached == nullptr || cached->find(part.key) == nullptr)) {
      made.push_back({.field = *part.field,
                      .column = std::make_shared<JsonColumn>(JsonColumn{.key = part.key})});
    }
  }
  auto columns = std::make_shared<ListColumns>();
  columns->version = request.version;
  MATRICULA_TRY(const storage::RowsHandle rows, reader_.page({.scope = request.scope,
                                                              .columns = request.entry.columns,
                                                              .limit = UINT32_MAX}));
  while (true) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      break;
    }
    ++columns->rows;
    std::size_t bytes = 0;
    for (const Made& each : made) {
      MATRICULA_CHECK(writer.value(each.field, *rows, request.flags, each.column->text));
      each.column->ends.push_back(each.column->text.size());
      bytes += each.column->bytes();
    }
    if (bytes > cache_.list_bytes_max()) {
      return nullptr;
    }
    if (columns->rows % kRowsAtOnce == 0) {
      MATRICULA_CHECK(answer.check_wanted());
    }
  }
  if (cached != nullptr) {
    columns->columns = cached->columns;
  }
  for (Made& each : made) {
    each.column->text.shrink_to_fit();
    each.column->text.reserve(each.column->text.size() + kSlack);
    each.column->ends.shrink_to_fit();
    columns->columns.push_back(std::move(each.column));
  }
  const bool is_kept = columns->bytes() <= cache_.list_bytes_max() &&
                       (cached == nullptr || cached->rows == columns->rows);
  return is_kept ? std::shared_ptr<const ListColumns>(std::move(columns)) : nullptr;
}

Result<void> ObjectListWriter::append_rows(const ListColumns& columns, Answer& answer) const {
  std::size_t bytes = 0;
  for (const Part& part : parts_) {
    bytes += part.literal.size() * columns.rows + part.column->text.size();
  }
  answer.expect(bytes + (last_literal_.size() + 1) * columns.rows + kSlack);
  answer.text() += '[';
  for (std::size_t row = 0; row < columns.rows; row += kRowsAtOnce) {
    append_rows(row, std::min(columns.rows, row + kRowsAtOnce), answer.text());
    MATRICULA_CHECK(answer.settle("Ask for fewer fields."));
  }
  answer.text() += ']';
  return {};
}

void ObjectListWriter::append_rows(std::size_t begin, std::size_t end, std::string& out) const {
  std::size_t bytes = (end - begin) * (last_literal_.size() + 1);
  for (const Part& part : parts_) {
    const std::size_t before = begin == 0 ? 0 : part.column->ends[begin - 1];
    bytes += (end - begin) * part.literal.size() + part.column->ends[end - 1] - before;
  }
  const std::size_t size = out.size();
  out.resize(size + bytes + kSlack);
  char* at = out.data() + size;
  for (std::size_t row = begin; row < end; ++row) {
    if (row != 0) {
      *at++ = ',';
    }
    for (const Part& part : parts_) {
      at = put_text(at, part.literal);
      at = put_text(at, part.column->value(row));
    }
    at = put_text(at, last_literal_);
  }
  out.resize(static_cast<std::size_t>(at - out.data()));
}

}  // namespace matricula::execution
