#include "execution/list_columns.h"

#include <algorithm>
#include <utility>

namespace matricula::execution {

std::shared_ptr<const JsonColumn> ListColumns::find(std::string_view key) const {
  const auto found = std::ranges::find(columns, key, &JsonColumn::key);
  return found == columns.end() ? nullptr : *found;
}

std::size_t ListColumns::bytes() const {
  std::size_t bytes = sizeof *this;
  for (const auto& column : columns) {
    bytes += column->bytes();
  }
  return bytes;
}

std::shared_ptr<const ListColumns> ColumnCache::find(std::string_view list) const {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(list);
  return found == lists_.end() ? nullptr : found->second;
}

void ColumnCache::put(std::string_view list, std::shared_ptr<const ListColumns> columns) {
  const std::lock_guard lock(mutex_);
  auto found = lists_.find(list);
  if (found == lists_.end()) {
    found = lists_.emplace(std::string(list), nullptr).first;
  } else if (found->second->version.epoch == columns->version.epoch &&
             found->second->version.sequence > columns->version.sequence) {
    return;
  } else {
    bytes_ -= found->second->bytes();
  }
  bytes_ += columns->bytes();
  found->second = std::move(columns);
  make_room();
}

void ColumnCache::make_room() {
  while (bytes_ > bytes_max_ && !lists_.empty()) {
    const auto oldest = std::ranges::min_element(lists_, {}, [](const auto& entry) {
      return entry.second->used_at.load(std::memory_order_relaxed);
    });
    bytes_ -= oldest->second->bytes();
    lists_.erase(oldest);
  }
}

std::uint64_t ColumnCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace matricula::execution
