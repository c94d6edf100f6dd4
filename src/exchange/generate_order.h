#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

namespace matricula::exchange {

// Calls emit(item) in ascending order for each of the items that each(take) gives to `take`, in
// whatever order. Holds at most 2 * items_max of them: `each` is called once for about every
// items_max items, and must give the same items, all different, each time.
template <typename Item, typename Each, typename Emit>
void emit_in_order(std::size_t items_max, Each each, Emit emit) {
  std::optional<Item> last;  // of those emitted
  std::optional<Item> end;   // where this pass stops
  do {
    end.reset();
    std::vector<Item> kept;
    each([&](const Item& item) {
      if ((last && !(*last < item)) || (end && !(item < *end))) {
        return;
      }
      kept.push_back(item);
      if (kept.size() == 2 * items_max) {
        const auto middle = kept.begin() + static_cast<std::ptrdiff_t>(items_max);
        std::ranges::nth_element(kept, middle);
        end = *middle;
        kept.erase(middle, kept.end());
      }
    });
    std::ranges::sort(kept);
    for (const Item& item : kept) {
      emit(item);
    }
    if (!kept.empty()) {
      last = kept.back();
    }
  } while (end);
}

// The number from 1 to `count` whose decimal text comes after that of `number`: after 1 comes 10
// where there is one. After the last comes 1.
constexpr std::uint64_t next_in_text_order(std::uint64_t number, std::uint64_t count) {
  if (number <= count / 10) {
    return number * 10;
  }
  while (number % 10 == 9 || number == count) {
    number /= 10;
  }
  return number + 1;
}

}  // namespace matricula::exchange
