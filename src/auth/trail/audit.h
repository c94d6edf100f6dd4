#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// What happened; who did it and when is added by audit_row().
struct AuditEvent {
  std::string action;       // such as `token.create`
  std::string target = {};  // the id of what was acted on; never a secret
  // Plain text of ours, such as `overlap 60 s`; never what a client wrote, which may be a secret.
  std::string detail = {};
  bool refused = false;
  // The companies that it concerns. Ids without a company are not kept, for the same reason.
  std::vector<std::string> companies = {};
};

// One line of the trail.
struct AuditRow {
  std::int64_t number = 0;
  Timestamp at = 0;
  std::string actor_kind;  // anonymous, token, user, credential, operator
  std::string actor_id;    // the token's, user's or credential's id; empty for the others
  std::string address;
  std::string action;
  std::string target;
  std::string detail;
  bool refused = false;
  std::vector<std::string> companies = {};  // by id
  // Attempts that were refused alike are one line: `at` is the first, `last_at` the last.
  std::int64_t attempts = 1;
  std::optional<Timestamp> last_at = {};
};

// Which lines to show; all conditions hold together.
struct AuditFilter {
  std::optional<Timestamp> from = {};  // from <= at < to
  std::optional<Timestamp> to = {};
  std::optional<std::string> actor_id = {};
  std::optional<std::string> action = {};  // whole, or a prefix that ends in a dot: `token.`
  std::optional<std::string> target = {};
  std::optional<bool> refused = {};
  std::optional<std::string> company_id = {};  // one that it concerns
  std::optional<std::int64_t> before = {};     // lines with a lower number
  std::int64_t rows_max = 1'000;               // the newest
};

AuditRow audit_row(const Caller& caller, const AuditEvent& event, Timestamp at);

// Writes a line; part of the transaction of its effect.
Result<void> write_audit(storage::Session& transaction, const AuditRow& row);

struct AuditDrop {
  // Lines from before `before` are old. Those from after `now`, of a clock that was ahead, keep
  // none behind them, and go with them.
  Timestamp before = 0;
  Timestamp now = 0;
  std::chrono::nanoseconds wait_until = storage::kNoDeadline;
};

// Deletes old lines, the oldest first and at most kAuditDropsPerTransaction; how many it were.
// Where it was any, the same transaction writes a line `audit.prune` that says so. On PostgreSQL
// only the owner of the tables may.
inline constexpr std::int64_t kAuditDropsPerTransaction = 1'000;
Result<std::int64_t> drop_audit(storage::Database& database, const AuditDrop& drop);

// Newest first. Of one company, by an index of its lines.
Result<std::vector<AuditRow>> read_audit(storage::Session& reader, const AuditFilter& filter);

// The lines that concern the company and have a number below `before`, newest first and at most
// `rows_max`; an index leads to them, however many lines there are of other companies. Which
// companies each concerns is not read.
Result<std::vector<AuditRow>> read_company_audit(storage::Session& reader,
                                                 std::string_view company_id, std::int64_t before,
                                                 std::int64_t rows_max);

}  // namespace matricula::auth
