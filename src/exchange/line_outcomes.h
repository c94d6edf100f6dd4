#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "exchange/import.h"
#include "records/entity_writer.h"

namespace matricula::exchange {

// Collects the outcomes of a file's records, reported in any order of their lines.
class LineOutcomes {
 public:
  void count(records::Outcome outcome, std::uint64_t records = 1);
  // One line is rejected once.
  void reject(std::uint64_t line, std::string_view reason);
  // Rejects a line of more than kLineBytesMax.
  void reject_too_long(std::uint64_t line);
  std::uint64_t rejected() const { return rejected_; }
  // The counts, and of the first kReasonsMax rejected lines `PATH:LINE: reason`.
  void write(FileReport& report) const;

 private:
  std::uint64_t changed_ = 0;
  std::uint64_t unchanged_ = 0;
  std::uint64_t deleted_ = 0;
  std::uint64_t rejected_ = 0;
  std::map<std::uint64_t, std::string> reasons_;  // by line, kReasonsMax
};

}  // namespace matricula::exchange
