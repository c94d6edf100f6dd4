#include "storage/count_cache.h"

#include "storage/limits.h"

namespace matricula::storage {
namespace {

void add_bytes(std::string& key, const void* bytes, std::size_t size) {
  key.append(static_cast<const char*>(bytes), size);
}

void add_text(std::string& key, std::string_view text) {
  const std::size_t size = text.size();
  add_bytes(key, &size, sizeof size);
  key += text;
}

void add_value(std::string& key, const KeyValue& value) {
  key += static_cast<char>(value.index());
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    add_bytes(key, integer, sizeof *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    add_bytes(key, real, sizeof *real);
  } else {
    add_text(key, std::get<std::string>(value));
  }
}

void add_end(std::string& key, const std::optional<KeyValue>& end) {
  key += end ? '+' : '-';
  if (end) {
    add_value(key, *end);
  }
}

bool is_settled(std::uint64_t generation) {
  return generation % 2 == 0;
}

}  // namespace

// Sizes precede values of varying length, so that no two scopes share a key.
void make_count_key(const ListScope& scope, std::string& key) {
  key.clear();
  const auto relation = reinterpret_cast<std::uintptr_t>(scope.relation);
  add_bytes(key, &relation, sizeof relation);
  add_text(key, scope.company);
  for (const KeyValue& value : scope.fixed) {
    add_value(key, value);
  }
  for (const Condition& condition : scope.conditions) {
    add_bytes(key, &condition.filter, sizeof condition.filter);
    const std::size_t values = condition.any_of.size();
    add_bytes(key, &values, sizeof values);
    for (const KeyValue& value : condition.any_of) {
      add_value(key, value);
    }
    add_end(key, condition.from);
    add_end(key, condition.to);
    add_text(key, condition.search);
  }
}

std::optional<std::int64_t> CountCache::find(std::string_view key, std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation != generation_) {
    return std::nullopt;
  }
  const auto found = counts_.find(key);
  return found == counts_.end() ? std::nullopt : std::optional(found->second);
}

void CountCache::insert(std::string_view key, std::uint64_t generation, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  if (generation != generation_ || counts_.size() >= kCountsMax) {
    counts_.clear();
    generation_ = generation;
  }
  counts_.insert_or_assign(std::string(key), count);
}

void CountingListReader::begin() {
  generation_ = database_.generation();
  inner_->begin();
}

Result<std::int64_t> CountingListReader::count(const ListScope& scope) {
  make_count_key(scope, key_);
  if (key_.size() > kCountKeyBytesMax) {
    return inner_->count(scope);
  }
  if (database_.generation_sql().empty()) {
    return count_by_memory(scope);
  }
  return inner_->is_count_kept(scope) ? inner_->count(scope) : count_by_store(scope);
}

Result<std::int64_t> CountingListReader::count_by_memory(const ListScope& scope) {
  // The snapshot shows this generation only if nothing was written since begin(): else it may show
  // a later one, and rows and count of one answer would disagree.
  const auto is_same = [this] {
    return is_settled(generation_) && database_.generation() == generation_;
  };
  if (is_same()) {
    if (const std::optional<std::int64_t> known = cache_.find(key_, generation_)) {
      return *known;
    }
  }
  MATRICULA_TRY(const std::int64_t found, inner_->count(scope));
  if (is_same()) {
    cache_.insert(key_, generation_, found);
  }
  return found;
}

// The generation is read from the store. In a snapshot it is that of what the snapshot shows;
// outside of one, a count between two equal ones is of that generation.
Result<std::int64_t> CountingListReader::count_by_store(const ListScope& scope) {
  MATRICULA_TRY(const std::uint64_t before, database_.read_generation(session_));
  if (const std::optional<std::int64_t> known = cache_.find(key_, before)) {
    return *known;
  }
  MATRICULA_TRY(const std::int64_t found, inner_->count(scope));
  MATRICULA_TRY(const std::uint64_t after, database_.read_generation(session_));
  if (before == after) {
    cache_.insert(key_, after, found);
  }
  return found;
}

}  // namespace matricula::storage
