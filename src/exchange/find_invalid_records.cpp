#include "exchange/find_invalid_records.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <simdjson.h>
#include <span>

#include "exchange/limits.h"
#include "exchange/record_reader.h"
#include "records/entities.h"
#include "tables/json_row.h"
#include "tables/table_reader.h"

namespace matricula::exchange {
namespace {

using storage::Bind;

// What no line can say; empty where the values can be written.
std::string unwritable(const records::Entity& entity, std::span<const Bind> values) {
  for (std::size_t i = 0; i < entity.fields.size(); ++i) {
    const auto* const bytes = std::get_if<storage::Bytes>(&values[i]);
    if (bytes != nullptr && bytes->size() != std::tuple_size_v<UuidBytes>) {
      return fmt::format("{}: {} bytes, which are no UUID", entity.fields[i].name, bytes->size());
    }
    const auto* const number = std::get_if<double>(&values[i]);
    if (number != nullptr && !std::isfinite(*number)) {
      return fmt::format("{}: not a number", entity.fields[i].name);
    }
  }
  return {};
}

// An older version took longer texts and records: a store that has them is not damaged.
bool is_longer_than_import_takes(const records::Entity& entity, std::span<const Bind> values) {
  for (std::size_t i = 0; i < entity.fields.size(); ++i) {
    const auto* const text = std::get_if<std::string_view>(&values[i]);
    if (text != nullptr && text->size() > entity.fields[i].bytes_max) {
      return true;
    }
  }
  return false;
}

struct Invalid {
  std::uint64_t count = 0;
  std::string first_reason;

  void note(std::string reason) {
    if (count++ == 0) {
      first_reason = std::move(reason);
    }
  }
};

Result<Invalid> look_through(storage::Session& session, const records::Entity& entity) {
  const tables::Table table(entity.id);
  MATRICULA_TRY(tables::TableReader rows, tables::TableReader::open(session, table, {}));
  RecordReader reader(entity, Identifiers::kAny);
  Record record;
  Invalid invalid;
  std::string line;
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows.next());
    if (!is_row) {
      return invalid;
    }
    std::string reason = unwritable(entity, rows.values());
    if (!reason.empty()) {
      invalid.note(std::move(reason));
      continue;
    }
    if (is_longer_than_import_takes(entity, rows.values())) {
      continue;
    }
    line.clear();
    tables::append_record(line, entity, rows.values());
    if (line.size() > kRecordBytesMax) {
      continue;
    }
    line.pop_back();
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    if (auto read = reader.read(line, record); !read) {
      invalid.note(std::move(read.error().message));
    }
  }
}

}  // namespace

Result<std::vector<std::string>> find_invalid_records(storage::Session& session) {
  std::vector<std::string> problems;
  for (const records::Entity& entity : records::entities()) {
    MATRICULA_TRY(const Invalid invalid, look_through(session, entity));
    if (invalid.count > 0) {
      problems.push_back(fmt::format("{} {} that import would refuse, the first: {}", invalid.count,
                                     entity.name, invalid.first_reason));
    }
  }
  return problems;
}

}  // namespace matricula::exchange
