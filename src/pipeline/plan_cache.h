#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "planning/plan.h"

namespace matricula::pipeline {

struct PlanCacheLimits {
  std::size_t entries = 512;
  std::size_t bytes = 16 * 1024 * 1024;
};

// Keeps the most recently used plans of one thread, by endpoint, operation name and document text;
// never by user. One thread at a time. A plan stays valid for as long as it is held.
class PlanCache {
 public:
  explicit PlanCache(const PlanCacheLimits& limits) : limits_(limits) {}

  // Null on a miss.
  std::shared_ptr<const planning::Plan> find(const void* endpoint, std::string_view operation_name,
                                             std::string_view document);
  void insert(const void* endpoint, std::string_view operation_name, std::string_view document,
              std::shared_ptr<const planning::Plan> plan);

  std::size_t entries() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const planning::Plan> plan;
    std::size_t bytes;
  };
  std::string_view key_of(const void* endpoint, std::string_view operation_name,
                          std::string_view document);

  PlanCacheLimits limits_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
  std::string scratch_;
};

}  // namespace matricula::pipeline
