#include <cstdint>
#include <simdjson.h>
#include <string>

#include "base/assert.h"
#include "exchange/record.h"
#include "exchange/record_reader.h"
#include "records/entities.h"
#include "tables/json_row.h"

namespace {

using namespace matricula;

constexpr std::uint8_t kFeedBit = 0x80;

// The record as import reads it and export writes it; empty where the line is refused, or deletes.
std::string rewritten(const records::Entity& entity, std::string line) {
  line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  exchange::RecordReader reader(entity);
  exchange::Record record;
  std::string written;
  if (reader.read(line, record) && !record.is_deletion) {
    tables::append_record(written, entity, std::span(record.values).first(entity.fields.size()));
  }
  return written;
}

}  // namespace

// Any line is a record of the entity that its first byte chooses, or a line of a feed, or is
// refused with a reason. What is read is written so that it is read and written the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string line(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & kFeedBit) != 0) {
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    exchange::FeedLineReader reader;
    exchange::Record record;
    const auto read = reader.read(line, record);
    MATRICULA_ASSERT(read ? read->entity != nullptr : !read.error().message.empty());
    return 0;
  }
  const records::Entity& entity = records::entities()[data[0] % records::kEntityCount];
  if (const std::string once = rewritten(entity, std::move(line)); !once.empty()) {
    MATRICULA_ASSERT(rewritten(entity, once.substr(0, once.size() - 1)) == once);
  }
  return 0;
}
