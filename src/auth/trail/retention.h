#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// How long a token of a credential is still known as no longer valid after it expired.
inline constexpr std::int64_t kEndedTokenDays = 30;
// Tokens dropped in one transaction, so that no other writer waits long.
inline constexpr std::int64_t kDropsPerTransaction = 1'000;

// Drops tokens that credentials made and that expired more than kEndedTokenDays ago, with their
// scopes and use; credentials mint one an hour for ever, so that the store would grow without
// bound. What people made stays, and so does the audit trail. At most kDropsPerTransaction a call;
// how many it were. Called about every hour, again at once after a full one.
Result<std::int64_t> drop_ended_tokens(storage::Database& database, const Clock& clock);

}  // namespace matricula::auth
