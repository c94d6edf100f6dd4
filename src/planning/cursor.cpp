#include "planning/cursor.h"

#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "base/text.h"

namespace matricula::planning {
namespace {

using sql::ColumnType;

// Of the form, and of the list: a cursor of another list is as wrong as one of another order.
// FNV-1a, folded to a byte (Fowler, Noll, Vo; draft-eastlake-fnv).
char list_mark(const sql::Relation& relation) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : relation.name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  return static_cast<char>(hash ^ (hash >> 8U) ^ (hash >> 16U) ^ (hash >> 24U));
}

constexpr char kVersion = 1;

void put_u64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift);
  }
}

void put(std::string& out, const storage::KeyValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    put_u64(out, static_cast<std::uint64_t>(*integer));
  } else if (const auto* real = std::get_if<double>(&value)) {
    put_u64(out, std::bit_cast<std::uint64_t>(*real));
  } else {
    const auto& text = std::get<std::string>(value);
    put_u64(out, text.size());
    out += text;
  }
}

class CursorReader {
 public:
  explicit CursorReader(std::string_view bytes) : bytes_(bytes) {}

  bool take(char expected) {
    if (bytes_.empty() || bytes_.front() != expected) {
      return false;
    }
    bytes_.remove_prefix(1);
    return true;
  }

  bool at_end() const { return bytes_.empty(); }

  std::optional<storage::KeyValue> value(ColumnType type) {
    const auto number = u64();
    if (!number) {
      return std::nullopt;
    }
    switch (type) {
      case ColumnType::kInteger:
      case ColumnType::kBoolean:
      case ColumnType::kTime:
        return static_cast<std::int64_t>(*number);
      case ColumnType::kReal: {
        const auto real = std::bit_cast<double>(*number);
        return std::isfinite(real) ? std::optional<storage::KeyValue>(real) : std::nullopt;
      }
      case ColumnType::kText:
      case ColumnType::kUuid:
      case ColumnType::kJson:
        return text(*number, type);
    }
    return std::nullopt;
  }

 private:
  std::optional<std::uint64_t> u64() {
    if (bytes_.size() < 8) {
      return std::nullopt;
    }
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      value = value << 8U | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(i)]);
    }
    bytes_.remove_prefix(8);
    return value;
  }

  std::optional<storage::KeyValue> text(std::uint64_t size, ColumnType type) {
    if (size > bytes_.size() || (type == ColumnType::kUuid && size != 16)) {
      return std::nullopt;
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    if (type != ColumnType::kUuid && !is_utf8(taken)) {
      return std::nullopt;
    }
    return std::string(taken);
  }

  std::string_view bytes_;
};

}  // namespace

void append_cursor(const sql::Relation& relation, std::uint16_t order,
                   const storage::Position& position, std::string& scratch, std::string& out) {
  scratch.clear();
  scratch += kVersion;
  scratch += list_mark(relation);
  scratch += static_cast<char>(order);
  for (const storage::KeyValue& value : position) {
    put(scratch, value);
  }
  append_base64url(out, scratch);
}

std::optional<storage::Position> read_cursor(const sql::Relation& relation, std::uint16_t order,
                                             std::string_view cursor) {
  std::string bytes;
  if (!from_base64url(cursor, bytes)) {
    return std::nullopt;
  }
  CursorReader reader(bytes);
  if (!reader.take(kVersion) || !reader.take(list_mark(relation)) ||
      !reader.take(static_cast<char>(order))) {
    return std::nullopt;
  }
  storage::Position position;
  const auto take = [&](ColumnType type) {
    auto value = reader.value(type);
    if (value) {
      position.push_back(std::move(*value));
    }
    return value.has_value();
  };
  if (!take(relation.orders[order].type)) {
    return std::nullopt;
  }
  if (!relation.orders[order].unique) {
    for (const sql::Tie& tie : relation.ties) {
      if (!take(tie.type)) {
        return std::nullopt;
      }
    }
  }
  return reader.at_end() ? std::optional(std::move(position)) : std::nullopt;
}

}  // namespace matricula::planning
