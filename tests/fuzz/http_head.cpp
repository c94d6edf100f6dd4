#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "http/head_gate.h"
#include "http/head_parser.h"

// A head that the gate lets pass and the parser takes has a path and names for all its fields.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula::http;
  std::string head(reinterpret_cast<const char*>(data), size);
  if (!head.ends_with("\r\n\r\n")) {
    head += "\r\n\r\n";
  }
  const auto framing = check_head(head, 100);
  if (!framing) {
    return 0;
  }
  Request request;
  std::vector<Header> fields;
  if (!parse_head(head, *framing, request, fields)) {
    MATRICULA_ASSERT(!request.path.empty());
    for (const Header& field : fields) {
      MATRICULA_ASSERT(!field.name.empty());
    }
  }
  return 0;
}
