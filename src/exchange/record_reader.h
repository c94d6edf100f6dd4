#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "exchange/record.h"
#include "records/entities.h"

namespace matricula::exchange {

// Reads lines of one entity's file, checking every field. Allocates nothing for a good line once
// its buffers have grown. One thread at a time.
class RecordReader {
 public:
  explicit RecordReader(const records::Entity& entity);
  ~RecordReader();
  // The error (kBadUserInput) is the reason alone: it names the field, what was expected and what
  // was found. `line` must be readable for simdjson's padding beyond its end.
  Result<void> read(std::string_view line, Record& record);

 private:
  struct Parser;
  const records::Entity& entity_;
  const std::unique_ptr<Parser> parser_;
};

}  // namespace matricula::exchange
