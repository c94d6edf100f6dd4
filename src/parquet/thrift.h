#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::parquet {

// Appends values in Thrift's compact protocol (thrift-compact-protocol.md): page headers and the
// footer of a Parquet file. Fields of a struct are written with rising ids. One thread at a time.
class ThriftWriter {
 public:
  explicit ThriftWriter(std::string& out) : out_(out) {}

  // Fields of the current struct.
  void flag_field(int id, bool value);
  void i32_field(int id, std::int32_t value);
  void i64_field(int id, std::int64_t value);
  void binary_field(int id, std::string_view value);
  void begin_struct_field(int id);
  // A list of `size` elements, each written by the calls below.
  enum class Element { kI32, kBinary, kStruct };
  void begin_list_field(int id, Element element, std::size_t size);

  // Elements of a list.
  void i32(std::int32_t value);
  void binary(std::string_view value);
  // A struct that is an element, or the whole message.
  void begin_struct();
  void end_struct();

 private:
  void field(int id, int type);

  std::string& out_;
  std::vector<int> last_ids_;  // of the structs that are open
};

}  // namespace matricula::parquet
