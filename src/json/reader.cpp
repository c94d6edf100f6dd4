#include "json/reader.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "base/byte_order_mark.h"
#include "base/text.h"

namespace matricula::json {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, char32_t point) {
  const auto add = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | (point >> 6));
    add(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    add(0xE0 | (point >> 12));
    add(0x80 | ((point >> 6) & 0x3F));
    add(0x80 | (point & 0x3F));
  } else {
    add(0xF0 | (point >> 18));
    add(0x80 | ((point >> 12) & 0x3F));
    add(0x80 | ((point >> 6) & 0x3F));
    add(0x80 | (point & 0x3F));
  }
}

}  // namespace

const Value* Value::member(std::string_view name) const {
  const Object* const members = object();
  if (members == nullptr) {
    return nullptr;
  }
  const auto found = std::find_if(members->begin(), members->end(),
                                  [&](const Member& entry) { return entry.name == name; });
  return found == members->end() ? nullptr : &found->value;
}

Result<Value> read(std::string_view text, const ReadLimits& limits) {
  return Reader(text, limits).run();
}

Result<Value> Reader::run() {
  if (!is_utf8(text_)) {
    return fail(ErrorCode::kBadUserInput, "invalid JSON: the text is not UTF-8");
  }
  // RFC 8259 section 8.1: a byte order mark may be ignored, and some editors and shells write one.
  if (text_.starts_with(kByteOrderMark)) {
    position_ = kByteOrderMark.size();
  }
  Value value;
  skip_blanks();
  if (!read_value(value)) {
    return fail(std::move(*error_));
  }
  skip_blanks();
  if (position_ != text_.size()) {
    refuse("unexpected text after the value");
    return fail(std::move(*error_));
  }
  return value;
}

bool Reader::refuse(std::string_view reason, std::size_t position) {
  error_ = Error{.code = ErrorCode::kBadUserInput,
                 .message = fmt::format("invalid JSON at byte {}: {}", position, reason)};
  return false;
}

void Reader::skip_blanks() {
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n' ||
                                      text_[position_] == '\r' || text_[position_] == '\t')) {
    ++position_;
  }
}

bool Reader::skip(char c) {
  if (position_ < text_.size() && text_[position_] == c) {
    ++position_;
    return true;
  }
  return false;
}

bool Reader::enter() {
  if (++nesting_ <= limits_.nesting) {
    return true;
  }
  error_ = Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format(
                     R"(JSON nests deeper than {} levels, the limit "nesting" of this server.)",
                     limits_.nesting)};
  return false;
}

bool Reader::read_value(Value& value) {
  switch (peek()) {
    case '{':
      return read_object(value);
    case '[':
      return read_array(value);
    case '"':
      return read_string(value.data.emplace<std::string>());
    case 't':
      value.data = true;
      return read_word("true");
    case 'f':
      value.data = false;
      return read_word("false");
    case 'n':
      value.data = Value::Null{};
      return read_word("null");
    default:
      return read_number(value);
  }
}

bool Reader::read_word(std::string_view word) {
  if (!text_.substr(position_).starts_with(word)) {
    return refuse("expected a value");
  }
  position_ += word.size();
  return true;
}

bool Reader::next_item(char close) {
  skip_blanks();
  if (skip(',')) {
    skip_blanks();
    return true;
  }
  if (!skip(close)) {
    refuse(close == ']' ? "expected \",\" or \"]\"" : "expected \",\" or \"}\"");
  }
  return false;
}

bool Reader::read_array(Value& value) {
  auto& items = value.data.emplace<Value::Array>();
  if (!enter()) {
    return false;
  }
  ++position_;
  skip_blanks();
  if (!skip(']')) {
    do {
      if (!read_value(items.emplace_back())) {
        return false;
      }
    } while (next_item(']'));
  }
  --nesting_;
  return !error_;
}

bool Reader::read_object(Value& value) {
  auto& members = value.data.emplace<Value::Object>();
  if (!enter()) {
    return false;
  }
  const std::size_t start = position_++;
  skip_blanks();
  if (!skip('}')) {
    do {
      auto& [name, member] = members.emplace_back();
      if (peek() != '"') {
        return refuse("expected a name in quotes");
      }
      if (!read_string(name)) {
        return false;
      }
      skip_blanks();
      if (!skip(':')) {
        return refuse("expected \":\"");
      }
      skip_blanks();
      if (!read_value(member)) {
        return false;
      }
    } while (next_item('}'));
  }
  --nesting_;
  return !error_ && has_unique_names(members, start);
}

bool Reader::has_unique_names(const Value::Object& object, std::size_t start) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (const auto& [name, member] : object) {
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ||
         refuse(fmt::format("the object has the name \"{}\" twice", *twice), start);
}

bool Reader::read_string(std::string& out) {
  const std::size_t start = position_++;
  while (true) {
    std::size_t end = position_;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\\' &&
           static_cast<unsigned char>(text_[end]) >= 0x20) {
      ++end;
    }
    out.append(text_, position_, end - position_);
    position_ = end;
    if (position_ == text_.size()) {
      return refuse("the string does not end", start);
    }
    if (skip('"')) {
      return true;
    }
    if (text_[position_] != '\\') {
      return refuse("a control character in a string must be escaped");
    }
    if (!read_escape(out)) {
      return false;
    }
  }
}

bool Reader::read_escape(std::string& out) {
  const char c = position_ + 1 < text_.size() ? text_[position_ + 1] : '\0';
  static constexpr std::string_view kEscapes = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (c == 'u') {
    return read_unicode_escape(out);
  }
  const std::size_t found = c == '\0' ? std::string_view::npos : kEscapes.find(c);
  if (found == std::string_view::npos) {
    return refuse("unknown escape in a string");
  }
  out.push_back(kMeanings[found]);
  position_ += 2;
  return true;
}

// Four hexadecimal digits after \u.
std::optional<char32_t> Reader::read_code_unit() {
  char32_t unit = 0;
  if (text_.substr(position_, 2) != "\\u" || position_ + 6 > text_.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_value(text_[position_ + i]);
    if (digit < 0) {
      return std::nullopt;
    }
    unit = unit * 16 + static_cast<char32_t>(digit);
  }
  position_ += 6;
  return unit;
}

bool Reader::read_unicode_escape(std::string& out) {
  const std::size_t start = position_;
  std::optional<char32_t> point = read_code_unit();
  if (!point) {
    return refuse("\\u needs four hexadecimal digits", start);
  }
  if (*point >= 0xD800 && *point <= 0xDFFF) {
    const std::size_t behind = position_;
    const std::optional<char32_t> low = *point < 0xDC00 ? read_code_unit() : std::nullopt;
    const bool is_pair = low && *low >= 0xDC00 && *low <= 0xDFFF;
    if (!is_pair && !limits_.keeps_halves) {
      return refuse("a string must not have half of a surrogate pair", start);
    }
    if (is_pair) {
      point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
    } else {
      position_ = behind;
    }
  }
  append_utf8(out, *point);
  return true;
}

bool Reader::skip_digits() {
  if (!is_digit(peek())) {
    return false;
  }
  while (is_digit(peek())) {
    ++position_;
  }
  return true;
}

bool Reader::read_number(Value& value) {
  const std::size_t start = position_;
  const bool negative = skip('-');
  if (!is_digit(peek())) {
    return refuse(negative ? "expected a digit" : "expected a value");
  }
  if (skip('0')) {
    if (is_digit(peek())) {
      return refuse("a number must not start with a zero", start);
    }
  } else {
    skip_digits();
  }
  if (skip('.') && !skip_digits()) {
    return refuse("expected a digit");
  }
  if (skip('e') || skip('E')) {
    if (!skip('+')) {
      skip('-');
    }
    if (!skip_digits()) {
      return refuse("expected a digit");
    }
  }
  value.data = Value::Number{std::string(text_.substr(start, position_ - start))};
  return true;
}

}  // namespace matricula::json
