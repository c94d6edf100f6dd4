#include "readmodel/row_values.h"

#include <algorithm>
#include <bit>

namespace matricula::readmodel {

using sql::ColumnType;

Result<void> write_numbers(const Layout& layout, const storage::Rows& from, std::byte* row) {
  for (std::size_t i = 0; i < layout.sources.size(); ++i) {
    const Source& source = layout.sources[i];
    if (source.place != Place::kNumber) {
      continue;
    }
    const auto column = static_cast<unsigned>(i);
    std::uint64_t bits = kNullNumber;
    if (!from.is_null(column)) {
      bits = source.type == ColumnType::kReal ? std::bit_cast<std::uint64_t>(from.real(column))
                                              : static_cast<std::uint64_t>(from.integer(column));
      if (bits == kNullNumber) {
        return fail(ErrorCode::kLimitExceeded, "A number of a row cannot be kept in memory.");
      }
    }
    store(row + std::size_t{8} * source.slot, bits);
  }
  return {};
}

Result<void> read_person(const Layout& layout, const storage::Rows& from, Person& person,
                         std::vector<std::string_view>& texts) {
  const storage::Bytes id = from.bytes(layout.person);
  if (id.size() != person.id.size()) {
    return fail(ErrorCode::kLimitExceeded, "A person's id in a row is not a UUID.");
  }
  std::ranges::copy(id, person.id.begin());
  texts.resize(layout.person_texts);
  for (std::size_t i = 0; i < layout.sources.size(); ++i) {
    if (layout.sources[i].place != Place::kPersonText) {
      continue;
    }
    if (from.is_null(static_cast<unsigned>(i))) {
      return fail(ErrorCode::kLimitExceeded, "A person without a name cannot be kept in memory.");
    }
    MATRICULA_TRY(texts[layout.sources[i].slot], read_text(from, static_cast<unsigned>(i)));
  }
  return {};
}

Result<std::string_view> read_text(const storage::Rows& from, unsigned column) {
  const std::string_view text = from.text(column);
  if (text.size() > kTextBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "A text of a row is too long to be kept in memory.");
  }
  return text;
}

void read_key(const Layout& layout, const storage::Rows& from, storage::Position& key) {
  key.clear();
  for (const std::uint16_t part : layout.indexes[layout.key_index].parts) {
    const Source& source = layout.sources[part];
    switch (source.place) {
      case Place::kPerson:
        key.emplace_back(std::string(storage::as_text(from.bytes(part))));
        break;
      case Place::kNumber:
        if (source.type == ColumnType::kReal) {
          key.emplace_back(from.real(part));
        } else {
          key.emplace_back(from.integer(part));
        }
        break;
      case Place::kText:
      case Place::kOwnText:
      case Place::kPersonText:
        key.emplace_back(std::string(from.text(part)));
        break;
    }
  }
}

}  // namespace matricula::readmodel
