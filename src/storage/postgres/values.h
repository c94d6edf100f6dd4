#pragma once

#include <cstdint>
#include <deque>
#include <libpq-fe.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"

namespace matricula::storage::postgres {

// The types that our statements take and give (PostgreSQL's catalog "pg_type").
inline constexpr Oid kBoolOid = 16;
inline constexpr Oid kByteaOid = 17;
inline constexpr Oid kInt8Oid = 20;
inline constexpr Oid kInt2Oid = 21;
inline constexpr Oid kInt4Oid = 23;
inline constexpr Oid kTextOid = 25;
inline constexpr Oid kJsonOid = 114;
inline constexpr Oid kFloat8Oid = 701;
inline constexpr Oid kByteaArrayOid = 1001;
inline constexpr Oid kTextArrayOid = 1009;
inline constexpr Oid kInt8ArrayOid = 1016;
inline constexpr Oid kFloat8ArrayOid = 1022;

// The type of lists of values of these types: integers of 8 bytes, reals, texts and bytes.
Oid array_of(Oid element);

// The SQL text with its parameters as PostgreSQL writes them: ?1 becomes $1. Text in quotes stays.
std::string with_dollar_parameters(std::string_view sql);

// Parameters as libpq wants them, in binary. Keeps its memory from one set to the next.
class Parameters {
 public:
  // Text and bytes are borrowed until the next set(). An assertion when a value cannot be of its
  // type, or when there are more or fewer values than types.
  void set(std::span<const Bind> binds, std::span<const Oid> types);
  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add_value(const Value& value, Oid type);
  void add_list(const ValueList& list, Oid type);
  void add_integer(std::int64_t value, Oid type);
  void add_text(std::string_view text);
  void add(const char* value, std::size_t length);

  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::string> made_;  // numbers and coded texts; never moves while a set is in use
  std::size_t made_count_ = 0;
  std::string& next_made();
};

// Reads a value of a binary result that is not null.
std::int64_t read_integer(const char* value, Oid type);
double read_real(const char* value, Oid type);

}  // namespace matricula::storage::postgres
