#include "exchange/line_outcomes.h"

#include <fmt/format.h>
#include <iterator>

#include "exchange/limits.h"

namespace matricula::exchange {

void LineOutcomes::count(records::Outcome outcome, std::uint64_t records) {
  switch (outcome) {
    case records::Outcome::kChanged:
      changed_ += records;
      return;
    case records::Outcome::kUnchanged:
      unchanged_ += records;
      return;
    case records::Outcome::kDeleted:
      deleted_ += records;
      return;
    case records::Outcome::kDeferred:
      return;  // counted when the file was read
  }
}

void LineOutcomes::reject(std::uint64_t line, std::string_view reason) {
  ++rejected_;
  if (reasons_.size() < kReasonsMax) {
    reasons_.emplace(line, reason);
  } else if (const auto last = std::prev(reasons_.end()); line < last->first) {
    reasons_.erase(last);
    reasons_.emplace(line, reason);
  }
}

void LineOutcomes::reject_too_long(std::uint64_t line) {
  reject(line, fmt::format("is longer than {} MiB", kLineBytesMax / (1024 * 1024)));
}

void LineOutcomes::write(FileReport& report) const {
  report.changed = changed_;
  report.unchanged = unchanged_;
  report.deleted = deleted_;
  report.rejected = rejected_;
  report.reasons.clear();
  for (const auto& [line, reason] : reasons_) {
    report.reasons.push_back(fmt::format("{}:{}: {}", report.path, line, reason));
  }
}

}  // namespace matricula::exchange
