#include "pipeline/plan_cache.h"

namespace matricula::pipeline {

std::string_view PlanCache::key_of(const void* endpoint, std::string_view operation_name,
                                   std::string_view document) {
  // A name and a document may hold any character: where the name ends is a number.
  const std::size_t name_bytes = operation_name.size();
  scratch_.assign(reinterpret_cast<const char*>(&endpoint), sizeof endpoint);
  scratch_.append(reinterpret_cast<const char*>(&name_bytes), sizeof name_bytes);
  scratch_ += operation_name;
  scratch_ += document;
  return scratch_;
}

std::shared_ptr<const planning::Plan> PlanCache::find(const void* endpoint,
                                                      std::string_view operation_name,
                                                      std::string_view document) {
  const auto found = by_key_.find(key_of(endpoint, operation_name, document));
  if (found == by_key_.end()) {
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->plan;
}

void PlanCache::insert(const void* endpoint, std::string_view operation_name,
                       std::string_view document, std::shared_ptr<const planning::Plan> plan) {
  std::string key(key_of(endpoint, operation_name, document));
  const std::size_t bytes = plan->bytes + key.size();
  if (bytes > limits_.bytes || by_key_.contains(key)) {
    return;
  }
  // In a list of its own until it is in the index, which may find no memory.
  std::list<Entry> entry;
  entry.push_front({.key = std::move(key), .plan = std::move(plan), .bytes = bytes});
  by_key_.emplace(entry.front().key, entry.begin());
  entries_.splice(entries_.begin(), entry);
  bytes_ += bytes;
  while (entries_.size() > limits_.entries || bytes_ > limits_.bytes) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

}  // namespace matricula::pipeline
