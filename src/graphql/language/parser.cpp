#include "graphql/language/parser.h"

#include <fmt/format.h>
#include <limits>
#include <utility>

#include "base/text.h"
#include "graphql/language/document_parser.h"

namespace matricula::graphql {

ParseResult parse(std::string source, const ParseLimits& limits) {
  if (source.size() >= std::numeric_limits<Offset>::max() || !is_utf8(source)) {
    return tl::unexpected(Diagnostic{.code = ErrorCode::kParseFailed,
                                     .message = "Syntax Error: The document is not UTF-8.",
                                     .locations = {{.line = 1, .column = 1}}});
  }
  auto document = std::make_shared<Document>(std::move(source));
  if (auto error = Parser(*document, limits).run()) {
    return tl::unexpected(std::move(*error));
  }
  return document;
}

Parser::Parser(Document& document, const ParseLimits& limits)
    : document_(document),
      limits_(limits),
      lexer_(document.source_, document.arena_),
      scratch_memory_(scratch_bytes_.data(), scratch_bytes_.size()),
      definitions_(scratch_memory_),
      selections_(scratch_memory_),
      arguments_(scratch_memory_),
      directives_(scratch_memory_),
      values_(scratch_memory_),
      object_fields_(scratch_memory_),
      variables_(scratch_memory_),
      names_(scratch_memory_),
      input_values_(scratch_memory_),
      field_definitions_(scratch_memory_),
      enum_values_(scratch_memory_),
      root_operations_(scratch_memory_) {}

std::optional<Diagnostic> Parser::run() {
  advance();
  document_.definitions_ =
      many(definitions_, TokenKind::kEndOfFile, [this] { return definition(); });
  document_.arena_bytes_ = arena_bytes_ + lexer_.decoded_bytes();
  return std::move(error_);
}

void Parser::advance() {
  if (failed()) {
    return;
  }
  if (ahead_) {
    token_ = *ahead_;
    ahead_.reset();
  } else {
    token_ = lexer_.next();
  }
  if (token_.kind == TokenKind::kError) {
    lexical_error();
  } else if (token_.kind != TokenKind::kEndOfFile && ++tokens_ > limits_.tokens) {
    fail(ErrorCode::kLimitExceeded, token_.start,
         fmt::format(
             R"(Document has more than {} tokens, the limit "document-tokens" of this server.)",
             limits_.tokens));
  }
}

const Token& Parser::lookahead() {
  if (!ahead_) {
    ahead_ = lexer_.next();
    if (ahead_->kind == TokenKind::kError) {
      lexical_error();
    }
  }
  return *ahead_;
}

bool Parser::skip(TokenKind kind) {
  if (token_.kind != kind) {
    return false;
  }
  advance();
  return true;
}

bool Parser::expect(TokenKind kind) {
  if (skip(kind)) {
    return true;
  }
  syntax_error(token_.start,
               fmt::format("Expected {}, found {}.", token_kind_text(kind), token_text(token_)));
  return false;
}

bool Parser::skip_keyword(std::string_view word) {
  if (!peek_keyword(word)) {
    return false;
  }
  advance();
  return true;
}

bool Parser::expect_keyword(std::string_view word) {
  if (skip_keyword(word)) {
    return true;
  }
  syntax_error(token_.start, fmt::format("Expected \"{}\", found {}.", word, token_text(token_)));
  return false;
}

void Parser::fail(ErrorCode code, Offset offset, std::string message) {
  if (!failed()) {
    error_ = Diagnostic{.code = code,
                        .message = std::move(message),
                        .locations = {location_at(document_.source_, offset)}};
    token_ = Token{.kind = TokenKind::kError};
  }
}

void Parser::syntax_error(Offset offset, std::string_view message) {
  fail(ErrorCode::kParseFailed, offset, fmt::format("Syntax Error: {}", message));
}

void Parser::unexpected(const Token& token) {
  syntax_error(token.start, fmt::format("Unexpected {}.", token_text(token)));
}

void Parser::lexical_error() {
  const LexicalError& error = lexer_.error();
  syntax_error(static_cast<Offset>(error.offset), error.message);
}

bool Parser::enter(Offset offset) {
  if (++nesting_ <= limits_.nesting) {
    return true;
  }
  fail(ErrorCode::kLimitExceeded, offset,
       fmt::format(R"(Document nests deeper than {} levels, the limit "nesting" of this server.)",
                   limits_.nesting));
  return false;
}

Definition Parser::definition() {
  if (peek(TokenKind::kBraceLeft)) {
    return operation();
  }
  const bool described = peek_description();
  const Token keyword = described ? lookahead() : token_;
  if (described && keyword.kind == TokenKind::kBraceLeft) {
    syntax_error(token_.start,
                 "Unexpected description, descriptions are not supported on shorthand queries.");
    return {};
  }
  if (keyword.kind == TokenKind::kName) {
    const std::string_view word = keyword.text;
    if (word == "query" || word == "mutation" || word == "subscription") {
      return operation();
    }
    if (word == "fragment") {
      return fragment();
    }
    if (word == "schema" || word == "scalar" || word == "type" || word == "interface" ||
        word == "union" || word == "enum" || word == "input" || word == "directive") {
      return type_system_definition(word);
    }
    if (described) {
      syntax_error(token_.start,
                   "Unexpected description, only GraphQL definitions support descriptions.");
      return {};
    }
    if (word == "extend") {
      return extension();
    }
  }
  unexpected(keyword);
  return {};
}

Definition Parser::operation() {
  Definition definition{.kind = DefinitionKind::kOperation, .offset = token_.start};
  definition.shorthand = peek(TokenKind::kBraceLeft);
  if (!definition.shorthand) {
    definition.description = description();
    definition.operation = operation_type();
    if (peek(TokenKind::kName)) {
      definition.name = name();
    }
    if (skip(TokenKind::kParenLeft)) {
      definition.variables =
          many(variables_, TokenKind::kParenRight, [this] { return variable_definition(); });
    }
    definition.directives = directives(false);
  }
  root_fields_ = 0;
  in_operation_ = true;
  definition.selection_set = selection_set();
  in_operation_ = false;
  return definition;
}

Definition Parser::fragment() {
  Definition definition{.kind = DefinitionKind::kFragment, .offset = token_.start};
  definition.description = description();
  expect_keyword("fragment");
  definition.name = fragment_name();
  expect_keyword("on");
  definition.type_condition = name();
  definition.directives = directives(false);
  in_introspection_ = definition.type_condition.value.starts_with("__");
  definition.selection_set = selection_set();
  in_introspection_ = false;
  return definition;
}

OperationType Parser::operation_type() {
  const Token word = token_;
  expect(TokenKind::kName);
  if (word.text == "mutation") {
    return OperationType::kMutation;
  }
  if (word.text == "subscription") {
    return OperationType::kSubscription;
  }
  if (word.text != "query") {
    unexpected(word);
  }
  return OperationType::kQuery;
}

VariableDefinition Parser::variable_definition() {
  VariableDefinition definition{.offset = token_.start};
  definition.description = description();
  definition.variable = variable();
  expect(TokenKind::kColon);
  definition.type = type_reference();
  if (skip(TokenKind::kEquals)) {
    definition.default_value = keep(value(true));
  }
  definition.directives = directives(true);
  return definition;
}

}  // namespace matricula::graphql
