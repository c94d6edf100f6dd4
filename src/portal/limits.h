#pragma once

#include <cstddef>
#include <cstdint>

namespace matricula::portal {

inline constexpr std::int64_t kCompaniesMax = 2'000;

// Lines of the audit trail in one reply: by default, and at most.
inline constexpr std::int64_t kAuditRowsDefault = 50;
inline constexpr std::int64_t kAuditRowsMax = 5'000;
// Lines that are examined for one reply.
inline constexpr std::int64_t kAuditExaminedMax = 10'000;

// Tokens of a company in one reply, and those that are examined for it.
inline constexpr std::int64_t kTokensMax = 50;
inline constexpr std::int64_t kTokensExaminedMax = 10'000;

// Rows that are read from the store at once while they are searched.
inline constexpr std::int64_t kSearchedAtOnce = 1'000;

// Bytes of what is searched for.
inline constexpr std::size_t kSearchBytesMax = 1'000;

}  // namespace matricula::portal
