#include "storage/postgres/values.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <iterator>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "storage/postgres/text_code.h"

namespace matricula::storage::postgres {
namespace {

// Binary values are in network byte order (PostgreSQL, "Formats and Format Codes").
template <typename Unsigned>
void append_big_endian(std::string& out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
  }
}

template <typename Unsigned>
Unsigned big_endian(const char* bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8U | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

template <typename Signed>
bool fits(std::int64_t value) {
  return value >= std::numeric_limits<Signed>::min() && value <= std::numeric_limits<Signed>::max();
}

constexpr std::pair<Oid, Oid> kArrays[] = {{kInt8Oid, kInt8ArrayOid},
                                           {kFloat8Oid, kFloat8ArrayOid},
                                           {kTextOid, kTextArrayOid},
                                           {kByteaOid, kByteaArrayOid}};

Oid element_of(Oid array) {
  const auto* const found = std::ranges::find(kArrays, array, &std::pair<Oid, Oid>::second);
  MATRICULA_ASSERT(found != std::end(kArrays));
  return found->first;
}

}  // namespace

Oid array_of(Oid element) {
  const auto* const found = std::ranges::find(kArrays, element, &std::pair<Oid, Oid>::first);
  MATRICULA_ASSERT(found != std::end(kArrays));
  return found->second;
}

std::string with_dollar_parameters(std::string_view sql) {
  std::string out;
  out.reserve(sql.size());
  bool in_text = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    in_text = in_text != (sql[i] == '\'');
    const bool is_parameter = !in_text && sql[i] == '?' && i + 1 < sql.size() &&
                              std::isdigit(static_cast<unsigned char>(sql[i + 1])) != 0;
    out += is_parameter ? '$' : sql[i];
  }
  return out;
}

std::string& Parameters::next_made() {
  if (made_count_ == made_.size()) {
    made_.emplace_back();
  }
  std::string& made = made_[made_count_++];
  made.clear();
  return made;
}

void Parameters::add(const char* value, std::size_t length) {
  values_.push_back(value);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(1);
}

void Parameters::add_integer(std::int64_t value, Oid type) {
  std::string& made = next_made();
  switch (type) {
    case kInt8Oid:
      append_big_endian(made, static_cast<std::uint64_t>(value));
      break;
    case kInt4Oid:
      MATRICULA_ASSERT(fits<std::int32_t>(value));
      append_big_endian(made, static_cast<std::uint32_t>(value));
      break;
    case kInt2Oid:
      MATRICULA_ASSERT(fits<std::int16_t>(value));
      append_big_endian(made, static_cast<std::uint16_t>(value));
      break;
    case kBoolOid:
      made += value != 0 ? '\1' : '\0';
      break;
    default:
      MATRICULA_ASSERT(type == kFloat8Oid);
      append_big_endian(made, std::bit_cast<std::uint64_t>(static_cast<double>(value)));
  }
  add(made.data(), made.size());
}

void Parameters::add_text(std::string_view text) {
  if (!needs_code(text)) {
    // A null pointer would be a null.
    add(text.data() == nullptr ? "" : text.data(), text.size());
    return;
  }
  std::string& made = next_made();
  append_coded(made, text);
  add(made.data(), made.size());
}

void Parameters::set(std::span<const Bind> binds, std::span<const Oid> types) {
  MATRICULA_ASSERT(binds.size() == types.size());
  values_.clear();
  lengths_.clear();
  formats_.clear();
  made_count_ = 0;
  for (std::size_t i = 0; i < binds.size(); ++i) {
    std::visit(
        [this, type = types[i]](const auto& bind) {
          if constexpr (std::is_same_v<std::decay_t<decltype(bind)>, ValueList>) {
            add_list(bind, type);
          } else {
            add_value(bind, type);
          }
        },
        binds[i]);
  }
}

void Parameters::add_value(const Value& value, Oid type) {
  if (std::holds_alternative<std::monostate>(value)) {
    add(nullptr, 0);
  } else if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
    add_integer(*integer, type);
  } else if (const auto* const real = std::get_if<double>(&value)) {
    MATRICULA_ASSERT(type == kFloat8Oid);
    std::string& made = next_made();
    append_big_endian(made, std::bit_cast<std::uint64_t>(*real));
    add(made.data(), made.size());
  } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
    MATRICULA_ASSERT(type == kTextOid);
    add_text(*text);
  } else {
    MATRICULA_ASSERT(type == kByteaOid);
    const Bytes bytes = std::get<Bytes>(value);
    add(bytes.data() == nullptr ? "" : reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
}

// PostgreSQL's array_recv(): the number of dimensions, whether there are nulls, the type of the
// elements, the size and first index of each dimension; then each element's length and bytes. The
// elements are written as parameters of their own first, which are removed afterwards.
void Parameters::add_list(const ValueList& list, Oid type) {
  const Oid element = element_of(type);
  const std::size_t before = values_.size();
  std::string array;
  append_big_endian(array, std::uint32_t{list.values.empty() ? 0U : 1U});
  append_big_endian(array, std::uint32_t{0});
  append_big_endian(array, std::uint32_t{element});
  if (!list.values.empty()) {
    append_big_endian(array, static_cast<std::uint32_t>(list.values.size()));
    append_big_endian(array, std::uint32_t{1});
  }
  for (const Value& value : list.values) {
    MATRICULA_ASSERT(!std::holds_alternative<std::monostate>(value));
    const std::size_t made_before = made_count_;
    add_value(value, element);
    append_big_endian(array, static_cast<std::uint32_t>(lengths_.back()));
    array.append(values_.back(), static_cast<std::size_t>(lengths_.back()));
    values_.resize(before);
    lengths_.resize(before);
    formats_.resize(before);
    made_count_ = made_before;
  }
  std::string& made = next_made();
  made = std::move(array);
  add(made.data(), made.size());
}

std::int64_t read_integer(const char* value, Oid type) {
  switch (type) {
    case kInt8Oid:
      return static_cast<std::int64_t>(big_endian<std::uint64_t>(value));
    case kInt4Oid:
      return static_cast<std::int32_t>(big_endian<std::uint32_t>(value));
    case kInt2Oid:
      return static_cast<std::int16_t>(big_endian<std::uint16_t>(value));
    default:
      MATRICULA_ASSERT(type == kBoolOid);
      return *value != 0 ? 1 : 0;
  }
}

double read_real(const char* value, Oid type) {
  if (type == kFloat8Oid) {
    return std::bit_cast<double>(big_endian<std::uint64_t>(value));
  }
  return static_cast<double>(read_integer(value, type));
}

}  // namespace matricula::storage::postgres
