#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// The key of a row as texts, users as their UUID; parts that the entity lacks are empty.
using KeyTexts = std::array<std::string, 3>;

// A row of an entity other than progress. key: 16 bytes for users.
struct RowKey {
  EntityId entity = EntityId::kCompanies;
  std::string key;
  std::string part = {};

  bool operator==(const RowKey&) const = default;
  // In place of <=>, in which clang-tidy 14 sees a null pointer.
  bool operator<(const RowKey& other) const {
    return std::tie(entity, key, part) < std::tie(other.entity, other.key, other.part);
  }
};

// The values of a row, in a form that can be compared.
struct RowState {
  bool exists = false;
  std::string company;              // where the row belongs to one
  std::vector<std::string> values;  // of the fields; equal where the values are
};

// Reads a row of an entity other than progress.
Result<RowState> read_state(storage::Session& session, const RowKey& key);

// A progress row with the columns that the store has beside its fields.
struct ProgressState {
  RowState row;
  std::int64_t change_seq = 0;
  std::optional<std::int64_t> moved_at;
};

// Reads the progress row whose key fields, and company, hold these texts.
Result<ProgressState> read_progress(storage::Session& session, EntityId entity,
                                    std::string_view company, const KeyTexts& key);

// The key fields of a record as texts. `values` are those of the entity's fields.
KeyTexts key_texts(const Entity& entity, std::span<const storage::Bind> values);
// The condition that finds a progress row: ?1 is the company, ?2 to ?4 its other key fields; and
// the values to bind. Users must outlive the binds.
std::string progress_condition(EntityId entity);
struct ProgressBinds {
  std::array<storage::Bind, 4> values;
  std::size_t count = 0;
  std::array<std::byte, 16> user = {};
};
void bind_progress(EntityId entity, std::string_view company, const KeyTexts& key,
                   ProgressBinds& out);

}  // namespace matricula::records
