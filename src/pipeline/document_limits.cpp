#include "pipeline/document_limits.h"

#include <algorithm>

#include "gate/admit.h"

namespace matricula::pipeline {
namespace {

// Some 30 us of parsing and validation. A token exchange that asks for everything has 1.2 KiB and
// 120 tokens; comments, descriptions and members that the server does not read come on top.
constexpr std::size_t kShortBodyBytesMax = 16 * 1024;
constexpr std::size_t kShortDocumentTokensMax = 256;

}  // namespace

gate::Stage<graphql::ParseLimits> document_limits(const gate::Gate& gate,
                                                  const http::Request& request,
                                                  const gate::Identified& caller,
                                                  const graphql::ParseLimits& limits) {
  if (!caller.is_stranger()) {
    return limits;
  }
  auto allowed = gate::check_address(gate, request);
  if (allowed) {
    return limits;
  }
  // A mutation is never sent by GET.
  if (request.method != http::Method::kPost || request.body.size() > kShortBodyBytesMax) {
    return tl::unexpected(std::move(allowed.error()));
  }
  graphql::ParseLimits shorter = limits;
  shorter.tokens = std::min(limits.tokens, kShortDocumentTokensMax);
  return shorter;
}

}  // namespace matricula::pipeline
