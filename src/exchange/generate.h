#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace matricula::exchange {

struct GenerateOptions {
  std::string out;  // a directory; made where it is missing, refused where it holds any .ndjson
  std::uint32_t companies = 1;     // 1 to 10,000
  std::uint64_t learners = 2'000;  // 1 to 100,000,000
  std::uint64_t seed = 1;
  std::optional<Timestamp> now = {};  // when the data was "taken"; else today's midnight
  // Called after each file with its name and rows.
  std::function<void(const std::string& file, std::uint64_t rows)> on_file = {};
};

// The company that `serve --demo` shows.
GenerateOptions demo_options(const std::string& out);

// Writes synthetic learning data as NDJSON, one file an entity, as export writes them: in canonical
// form, ordered by key, so that an export of what was imported gives the same bytes. The same
// options give the same bytes on any machine. Sorts keys of at most 2 * kSortedItemsMax people at
// once.
// After an error some files may be there.
Result<void> generate(const GenerateOptions& options, const Clock& clock);

}  // namespace matricula::exchange
