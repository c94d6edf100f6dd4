#include "http/url.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "http/negotiate.h"

// What percent_encode() writes, percent_decode() reads back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = percent_decode(text)) {
    MATRICULA_ASSERT(percent_decode(percent_encode(*decoded)) == decoded);
  }
  const auto pairs = parse_query(text);
  MATRICULA_ASSERT(!pairs || pairs->size() <= kQueryParametersMax);
  best_offer(text, {"application/json", "text/html"});
  parse_media_type(text);
  best_coding(text);
  return 0;
}
