#pragma once

#include <cstdint>

#include "auth/schema/uuid.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// How long a token of a credential is kept after it expired. A request with it gets `token is no
// longer valid` until then, and `token not found` afterwards.
inline constexpr std::int64_t kEndedTokenDays = 30;
// Tokens dropped in one transaction, so that no other writer waits long.
inline constexpr std::int64_t kDropsPerTransaction = 100;

// Deletes tokens of credentials that expired more than kEndedTokenDays ago, with their scopes and
// use; credentials create one an hour for ever, so the store would grow without bound. Tokens of
// people (see drop_ended_tokens_of()) and the audit trail stay. Deletes at most
// kDropsPerTransaction in a call and returns the number. Called about every hour, and again at once
// when it deleted that many.
Result<std::int64_t> drop_ended_tokens(storage::Database& database, const Clock& clock,
                                       std::chrono::nanoseconds wait_until = storage::kNoDeadline);

// Tokens of a person dropped for each new one: more than one, so that what older versions kept
// goes.
inline constexpr std::int64_t kDropsPerNewToken = 10;
// Deletes revoked and expired tokens of a person behind the `kept_max` newest that the person made,
// the oldest first, at most kDropsPerNewToken: who makes tokens and lets them end would otherwise
// fill the store.
Result<void> drop_ended_tokens_of(storage::Session& transaction, const Uuid& maker,
                                  std::int64_t kept_max, Timestamp now);

// How long use by endpoint is kept.
inline constexpr std::int64_t kEndpointUseDays = 400;

// Deletes the oldest day of use by endpoint that ended more than kEndpointUseDays ago; how many
// rows it were. Called about every hour, and again at once when it deleted any.
Result<std::int64_t> drop_oldest_use(storage::Database& database, const Clock& clock,
                                     std::chrono::nanoseconds wait_until = storage::kNoDeadline);

}  // namespace matricula::auth
