#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace matricula::json {

// The recursive descent behind read(). Each reading function is false when the text is refused; the
// first reason stays in the error.
class Reader {
 public:
  Reader(std::string_view text, const ReadLimits& limits) : text_(text), limits_(limits) {}

  Result<Value> run();

 private:
  bool read_value(Value& value);
  bool read_object(Value& value);
  bool read_array(Value& value);
  bool read_string(std::string& out);
  bool read_escape(std::string& out);
  bool read_unicode_escape(std::string& out);
  std::optional<char32_t> read_code_unit();
  bool read_number(Value& value);
  bool read_word(std::string_view word);
  bool skip_digits();
  bool has_unique_names(const Value::Object& object, std::size_t start);

  void skip_blanks();
  char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  bool skip(char c);
  // After an item: true to read another, false at the end or on an error.
  bool next_item(char close);
  bool enter();
  bool refuse(std::string_view reason) { return refuse(reason, position_); }
  bool refuse(std::string_view reason, std::size_t position);

  std::string_view text_;
  ReadLimits limits_;
  std::size_t position_ = 0;
  std::size_t nesting_ = 0;
  std::optional<Error> error_;
};

}  // namespace matricula::json
