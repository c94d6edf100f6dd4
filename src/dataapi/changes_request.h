#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/parameters.h"
#include "records/change_reader.h"
#include "records/entities.h"

namespace matricula::dataapi {

inline constexpr std::int64_t kChangesLimitDefault = 10'000;
inline constexpr std::int64_t kChangesLimitMax = 100'000;
inline constexpr std::int64_t kWaitSecondsMax = 60;
// A longer wait ends here, with an empty page: clients and proxies, nginx among them, give up on an
// answer after a minute.
inline constexpr std::chrono::seconds kWaitServed{55};

// Which part of the feed is requested.
struct ChangesRequest {
  std::int64_t after = 0;
  // For a first load that continues: the last number when it began. Deletes up to that are skipped.
  std::optional<std::int64_t> began = {};
  std::optional<std::string> epoch = {};
  std::vector<records::EntityId> tables = {};  // each once, in their order
  std::int64_t limit = kChangesLimitDefault;
  std::chrono::seconds wait{0};
  // As they were given, for the next request; a company also where X-Company-Id gave it.
  std::optional<std::string> company = {};
  std::optional<std::string> tables_text = {};
  std::optional<std::string> limit_text = {};
  std::optional<std::string> wait_text = {};
};

std::span<const std::string_view> changes_parameters();

// kBadUserInput names the parameter and its bounds; kNotFound the tables that there are.
Result<ChangesRequest> read_changes_request(const http::Parameters& parameters);

// Why the feed cannot continue from the request's position: it is of another sequence, or deletes
// since then are no longer kept.
struct LostPosition {
  bool is_expired = false;  // else the sequence is another one
  std::string message;
};
std::optional<LostPosition> lost_position(const ChangesRequest& request,
                                          const records::SequenceState& state);

// The numbers up to which deletes do not concern the reader; nullopt where none does.
std::optional<std::int64_t> deletes_after(const ChangesRequest& request);

// Path and query of the request that goes on from `next`.
std::string next_target(const ChangesRequest& request, const records::SequenceState& state,
                        std::int64_t next);

}  // namespace matricula::dataapi
