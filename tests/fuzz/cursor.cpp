#include "planning/cursor.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"

// A cursor that is read is written back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula;
  static const sql::Relation kRelation{
      .name = "fuzz",
      .table = "t",
      .tenant = "",
      .fixed = {},
      .joins = {},
      .columns = {},
      .orders = {{.name = "A", .key = "a"},
                 {.name = "B", .key = "b", .type = sql::ColumnType::kReal}},
      .ties = {{.expression = "u", .type = sql::ColumnType::kUuid}, {.expression = "k"}},
      .filters = {}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (std::uint16_t order = 0; order < 2; ++order) {
    if (const auto position = planning::read_cursor(kRelation, order, text)) {
      std::string scratch;
      std::string again;
      planning::append_cursor(kRelation, order, *position, scratch, again);
      MATRICULA_ASSERT(again == text);
    }
  }
  return 0;
}
