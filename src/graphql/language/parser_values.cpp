// Names, values and types: GraphQL, sections 2.1.9 and 2.9 to 2.11.
#include <fmt/format.h>

#include "graphql/language/document_parser.h"

namespace matricula::graphql {

Name Parser::name() {
  const Token word = token_;
  if (!expect(TokenKind::kName)) {
    return {};
  }
  return {.value = word.text, .offset = word.start};
}

// A variable's name without `$`, with the offset of the `$`.
Name Parser::variable() {
  const Offset offset = token_.start;
  expect(TokenKind::kDollar);
  return {.value = name().value, .offset = offset};
}

Value Parser::value(bool constant) {
  const Token first = token_;
  Value value{.offset = first.start, .end = first.end, .text = first.text};
  switch (first.kind) {
    case TokenKind::kBracketLeft:
      return list_value(constant);
    case TokenKind::kBraceLeft:
      return object_value(constant);
    case TokenKind::kDollar:
      return variable_value(constant);
    case TokenKind::kInt:
      value.kind = ValueKind::kInt;
      break;
    case TokenKind::kFloat:
      value.kind = ValueKind::kFloat;
      break;
    case TokenKind::kString:
    case TokenKind::kBlockString:
      value.kind = ValueKind::kString;
      value.block = first.kind == TokenKind::kBlockString;
      break;
    case TokenKind::kName:
      value.kind = first.text == "true" || first.text == "false" ? ValueKind::kBoolean
                   : first.text == "null"                        ? ValueKind::kNull
                                                                 : ValueKind::kEnum;
      break;
    case TokenKind::kEndOfFile:
    case TokenKind::kBang:
    case TokenKind::kAmpersand:
    case TokenKind::kParenLeft:
    case TokenKind::kParenRight:
    case TokenKind::kSpread:
    case TokenKind::kColon:
    case TokenKind::kEquals:
    case TokenKind::kAt:
    case TokenKind::kBracketRight:
    case TokenKind::kPipe:
    case TokenKind::kBraceRight:
    case TokenKind::kError:
      unexpected(first);
      return value;
  }
  advance();
  return value;
}

Value Parser::variable_value(bool constant) {
  const Token dollar = token_;
  if (constant) {
    expect(TokenKind::kDollar);
    if (peek(TokenKind::kName)) {
      syntax_error(dollar.start,
                   fmt::format("Unexpected variable \"${}\" in constant value.", token_.text));
    } else {
      unexpected(dollar);
    }
    return {};
  }
  expect(TokenKind::kDollar);
  const Token word = token_;
  return {
      .kind = ValueKind::kVariable, .offset = dollar.start, .end = word.end, .text = name().value};
}

Value Parser::list_value(bool constant) {
  Value list{.kind = ValueKind::kList, .offset = token_.start};
  if (!enter(token_.start)) {
    return list;
  }
  expect(TokenKind::kBracketLeft);
  const std::size_t mark = values_.mark();
  list.end = token_.end;
  while (!skip(TokenKind::kBracketRight) && !failed()) {
    values_.push(value(constant));
    list.end = token_.end;
  }
  list.items = take(values_, mark);
  leave();
  return list;
}

Value Parser::object_value(bool constant) {
  Value object{.kind = ValueKind::kObject, .offset = token_.start};
  if (!enter(token_.start)) {
    return object;
  }
  expect(TokenKind::kBraceLeft);
  const std::size_t mark = object_fields_.mark();
  object.end = token_.end;
  while (!skip(TokenKind::kBraceRight) && !failed()) {
    ObjectField field{.name = name(), .value = {}};
    expect(TokenKind::kColon);
    field.value = value(constant);
    object_fields_.push(field);
    object.end = token_.end;
  }
  object.fields = take(object_fields_, mark);
  leave();
  return object;
}

TypeReference Parser::type_reference() {
  TypeReference type{.offset = token_.start};
  if (peek(TokenKind::kBracketLeft)) {
    if (!enter(token_.start)) {
      return type;
    }
    advance();
    type.inner = keep(type_reference());
    expect(TokenKind::kBracketRight);
    leave();
  } else {
    type.name = name();
  }
  type.non_null = skip(TokenKind::kBang);
  return type;
}

Description Parser::description() {
  if (!peek_description()) {
    return {};
  }
  const Description description{.present = true,
                                .block = peek(TokenKind::kBlockString),
                                .text = token_.text,
                                .offset = token_.start};
  advance();
  return description;
}

}  // namespace matricula::graphql
