#pragma once

#include <cstdint>
#include <string>

#include "json/writer.h"
#include "pipeline/pipeline.h"

namespace matricula::cases {

inline constexpr std::uint64_t kReadModelBytes = std::uint64_t{64} * 1024 * 1024;

// Of a world that keeps lists in memory, without limits.
inline pipeline::PipelineOptions options_in_memory(unsigned loops) {
  pipeline::PipelineOptions options;
  options.rate_limit = 0;
  options.loops = loops;
  options.read_model_bytes = kReadModelBytes;
  return options;
}

// The body of a request.
inline std::string body_of(const std::string& document) {
  std::string body = "{\"query\":";
  json::append_string(body, document);
  return body + "}";
}

}  // namespace matricula::cases
