#include "graphql/schema/coordinate.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "graphql/language/characters.h"

namespace matricula::graphql {

namespace {

// Reads the tokens of coordinates, which are fewer than a document's: names and . ( ) : @.
class CoordinateParser {
 public:
  explicit CoordinateParser(std::string_view text) : text_(text) {}

  tl::expected<SchemaCoordinate, Diagnostic> run() {
    SchemaCoordinate coordinate;
    coordinate.is_directive = skip('@');
    coordinate.name = name();
    if (!coordinate.is_directive && skip('.')) {
      coordinate.member = name();
    }
    if ((coordinate.is_directive || !coordinate.member.empty()) && skip('(')) {
      coordinate.argument = name();
      expect(':');
      expect(')');
    }
    if (peek() != '\0' || position_ != text_.size()) {
      fail(fmt::format("Expected <EOF>, found {}.", found()));
    }
    if (error_) {
      return tl::unexpected(std::move(*error_));
    }
    return coordinate;
  }

 private:
  // Looking at a character that no token begins with is an error already.
  char peek() {
    if (position_ == text_.size()) {
      return '\0';
    }
    const char c = text_[position_];
    if (!has_class(c, kNameStart) && std::string_view(".():@").find(c) == std::string_view::npos) {
      fail(fmt::format("Invalid character: {}.", character_text(text_, position_)));
    }
    return c;
  }

  bool skip(char wanted) {
    if (error_ || peek() != wanted || position_ == text_.size()) {
      return false;
    }
    ++position_;
    return true;
  }

  void expect(char wanted) {
    if (!skip(wanted)) {
      fail(fmt::format("Expected \"{}\", found {}.", wanted, found()));
    }
  }

  std::string_view name() {
    if (error_) {
      return {};
    }
    if (const char c = peek(); !has_class(c, kNameStart)) {
      fail(fmt::format("Expected Name, found {}.", found()));
      return {};
    }
    const std::size_t length = name_length();
    position_ += length;
    return text_.substr(position_ - length, length);
  }

  std::size_t name_length() const {
    std::size_t end = position_;
    while (end < text_.size() && has_class(text_[end], kNameContinue)) {
      ++end;
    }
    return end - position_;
  }

  std::string found() const {
    if (position_ == text_.size()) {
      return "<EOF>";
    }
    const std::size_t length = name_length();
    return length == 0 ? fmt::format("\"{}\"", text_[position_])
                       : fmt::format("Name \"{}\"", text_.substr(position_, length));
  }

  // The first is reported; what is read after it does not count.
  void fail(const std::string& message) {
    if (!error_) {
      error_ = {.code = ErrorCode::kParseFailed,
                .message = "Syntax Error: " + message,
                .locations = {location_at(text_, position_)}};
    }
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::optional<Diagnostic> error_;
};

tl::unexpected<Diagnostic> unresolved(std::string message) {
  return tl::unexpected(
      Diagnostic{.code = ErrorCode::kNotFound, .message = std::move(message), .locations = {}});
}

template <typename T>
std::optional<SchemaElement> element(const T* found) {
  return found == nullptr ? std::nullopt : std::optional<SchemaElement>(found);
}

}  // namespace

tl::expected<SchemaCoordinate, Diagnostic> parse_coordinate(std::string_view text) {
  if (!is_utf8(text)) {
    return tl::unexpected(Diagnostic{.code = ErrorCode::kParseFailed,
                                     .message = "Syntax Error: The coordinate is not UTF-8.",
                                     .locations = {{.line = 1, .column = 1}}});
  }
  return CoordinateParser(text).run();
}

tl::expected<std::optional<SchemaElement>, Diagnostic> resolve_coordinate(
    const Schema& schema, const SchemaCoordinate& coordinate) {
  const auto& [is_directive, name, member, argument] = coordinate;
  if (is_directive) {
    const DirectiveType* const directive = schema.directive(name);
    if (argument.empty()) {
      return element(directive);
    }
    if (directive == nullptr) {
      return unresolved(
          fmt::format("Expected \"{}\" to be defined as a directive in the schema.", name));
    }
    return element(directive->argument(argument));
  }
  const NamedType* const type = schema.type(name);
  if (member.empty()) {
    return element(type);
  }
  if (type == nullptr) {
    return unresolved(fmt::format("Expected \"{}\" to be defined as a type in the schema.", name));
  }
  const bool has_fields = type->kind == TypeKind::kObject || type->kind == TypeKind::kInterface;
  if (!argument.empty()) {
    if (!has_fields) {
      return unresolved(
          fmt::format("Expected \"{}\" to be an object type or interface type.", name));
    }
    const Field* const field = schema.field(*type, member);
    if (field == nullptr) {
      return unresolved(fmt::format(
          "Expected \"{}\" to exist as a field of type \"{}\" in the schema.", member, name));
    }
    return element(field->argument(argument));
  }
  if (has_fields) {
    return element(schema.field(*type, member));
  }
  switch (type->kind) {
    case TypeKind::kEnum:
      return element(type->enum_value(member));
    case TypeKind::kInputObject:
      return element(type->input_field(member));
    default:
      return unresolved(fmt::format(
          "Expected \"{}\" to be an Enum, Input Object, Object or Interface type.", name));
  }
}

}  // namespace matricula::graphql
