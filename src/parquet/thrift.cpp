#include "parquet/thrift.h"

#include "base/assert.h"
#include "parquet/varint.h"

namespace matricula::parquet {
namespace {

// Types of fields and elements on the wire.
constexpr int kTrue = 1;
constexpr int kFalse = 2;
constexpr int kI32 = 5;
constexpr int kI64 = 6;
constexpr int kBinary = 8;
constexpr int kList = 9;
constexpr int kStruct = 12;

// Lists of so many elements and more have their size behind the header.
constexpr std::size_t kLongList = 15;

std::uint64_t zigzag(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return (bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0);
}

int type_of(ThriftWriter::Element element) {
  switch (element) {
    case ThriftWriter::Element::kI32:
      return kI32;
    case ThriftWriter::Element::kBinary:
      return kBinary;
    case ThriftWriter::Element::kStruct:
      return kStruct;
  }
  MATRICULA_ASSERT(false);
}

}  // namespace

void ThriftWriter::field(int id, int type) {
  int& last = last_ids_.back();
  const int step = id - last;
  MATRICULA_ASSERT(step > 0);
  last = id;
  if (step <= 15) {
    out_ += static_cast<char>((step << 4) | type);
    return;
  }
  out_ += static_cast<char>(type);
  append_varint(out_, zigzag(id));
}

void ThriftWriter::flag_field(int id, bool value) {
  field(id, value ? kTrue : kFalse);
}

void ThriftWriter::i32_field(int id, std::int32_t value) {
  field(id, kI32);
  append_varint(out_, zigzag(value));
}

void ThriftWriter::i64_field(int id, std::int64_t value) {
  field(id, kI64);
  append_varint(out_, zigzag(value));
}

void ThriftWriter::binary_field(int id, std::string_view value) {
  field(id, kBinary);
  binary(value);
}

void ThriftWriter::begin_struct_field(int id) {
  field(id, kStruct);
  begin_struct();
}

void ThriftWriter::begin_list_field(int id, Element element, std::size_t size) {
  field(id, kList);
  const auto head = static_cast<unsigned>(type_of(element));
  if (size < kLongList) {
    out_ += static_cast<char>((size << 4U) | head);
    return;
  }
  out_ += static_cast<char>((kLongList << 4U) | head);
  append_varint(out_, size);
}

void ThriftWriter::i32(std::int32_t value) {
  append_varint(out_, zigzag(value));
}

void ThriftWriter::binary(std::string_view value) {
  append_varint(out_, value.size());
  out_ += value;
}

void ThriftWriter::begin_struct() {
  last_ids_.push_back(0);
}

void ThriftWriter::end_struct() {
  last_ids_.pop_back();
  out_ += '\0';
}

}  // namespace matricula::parquet
