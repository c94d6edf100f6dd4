#include <cstdint>
#include <simdjson.h>
#include <string>

#include "exchange/record.h"
#include "exchange/record_reader.h"
#include "records/entities.h"

// Any line is a record of the entity that its first byte chooses, or is refused with a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula;
  if (size == 0) {
    return 0;
  }
  std::string line(reinterpret_cast<const char*>(data) + 1, size - 1);
  line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  exchange::RecordReader reader(records::entities()[data[0] % records::kEntityCount]);
  exchange::Record record;
  const auto read = reader.read(line, record);
  return read.has_value() ? 0 : 0;
}
