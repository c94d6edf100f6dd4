#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "exchange/json_values.h"
#include "exchange/record.h"
#include "records/entities.h"

namespace matricula::exchange {

class LineParser;

// Reads lines of one entity's file, checking every field. Allocates nothing for a good line once
// its buffers have grown. One thread at a time.
class RecordReader {
 public:
  explicit RecordReader(const records::Entity& entity, Identifiers taken = Identifiers::kClean);
  ~RecordReader();
  // The error (kBadUserInput) is the reason alone: it names the field, what was expected and what
  // was found. `line` must be readable for simdjson's padding beyond its end. A deletion may have
  // any identifier.
  Result<void> read(std::string_view line, Record& record);

 private:
  const records::Entity& entity_;
  const Identifiers taken_;
  const std::unique_ptr<LineParser> parser_;
};

// Which table a line of a feed is about, and the number of its change.
struct FeedLine {
  const records::Entity* entity = nullptr;
  std::int64_t sequence = 0;
  // That a deletion names beside its key; empty where it names none. Borrowed until the next read.
  std::string_view company = {};
};

// Reads lines of a feed of changes: records of any entity, with _table, _sequence and, where it is
// there, _changedAt. Otherwise as RecordReader.
class FeedLineReader {
 public:
  FeedLineReader();
  ~FeedLineReader();
  Result<FeedLine> read(std::string_view line, Record& record);

 private:
  const std::unique_ptr<LineParser> parser_;
};

}  // namespace matricula::exchange
