#include "storage/many_keys.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "storage/each_row.h"

namespace matricula::storage {

std::string key_places() {
  std::string places;
  for (std::size_t place = 1; place <= kKeysPerStatement; ++place) {
    places += fmt::format("{}?{}", place == 1 ? "" : ", ", place);
  }
  return places;
}

Result<void> each_of_keys(Session& session, const Statement& statement, std::span<const Bind> keys,
                          const std::function<void(const Rows&)>& take) {
  std::array<Bind, kKeysPerStatement> binds;
  while (!keys.empty()) {
    const std::size_t count = std::min(keys.size(), binds.size());
    std::ranges::copy(keys.first(count), binds.begin());
    // A null equals no key.
    std::fill(binds.begin() + static_cast<std::ptrdiff_t>(count), binds.end(), std::monostate{});
    MATRICULA_CHECK(each_row(session, statement, binds, [&](const Rows& row) { take(row); }));
    keys = keys.subspan(count);
  }
  return {};
}

}  // namespace matricula::storage
