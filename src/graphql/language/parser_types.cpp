// Type system definitions and extensions: GraphQL, section 3 and Appendix B.3.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/assert.h"
#include "graphql/language/document_parser.h"

namespace matricula::graphql {

namespace {

DefinitionKind kind_of(std::string_view keyword) {
  struct Keyword {
    std::string_view word;
    DefinitionKind kind;
  };
  static constexpr std::array<Keyword, 8> kKeywords = {{
      {"schema", DefinitionKind::kSchema},
      {"scalar", DefinitionKind::kScalar},
      {"type", DefinitionKind::kObject},
      {"interface", DefinitionKind::kInterface},
      {"union", DefinitionKind::kUnion},
      {"enum", DefinitionKind::kEnum},
      {"input", DefinitionKind::kInputObject},
      {"directive", DefinitionKind::kDirective},
  }};
  const auto* const found = std::find_if(kKeywords.begin(), kKeywords.end(),
                                         [&](const Keyword& k) { return k.word == keyword; });
  // An executable kind means "none": no keyword of the type system makes one.
  return found == kKeywords.end() ? DefinitionKind::kOperation : found->kind;
}

// GraphQL, section 3.13; DIRECTIVE_DEFINITION is graphql-js's.
constexpr std::array<std::string_view, 21> kDirectiveLocations = {
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "FRAGMENT_VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
    "DIRECTIVE_DEFINITION",
};

}  // namespace

Definition Parser::type_system_definition(std::string_view keyword) {
  Definition definition{.kind = kind_of(keyword), .offset = token_.start};
  definition.description = description();
  expect_keyword(keyword);
  if (definition.kind == DefinitionKind::kSchema) {
    schema_body(definition);
  } else if (definition.kind == DefinitionKind::kDirective) {
    directive_body(definition);
  } else {
    definition.name = name();
    named_type_body(definition);
  }
  return definition;
}

Definition Parser::extension() {
  const Token keyword = lookahead();
  Definition definition{.extension = true, .offset = token_.start};
  if (keyword.kind == TokenKind::kName) {
    definition.kind = kind_of(keyword.text);
  }
  if (definition.kind == DefinitionKind::kOperation) {
    unexpected(keyword);
    return definition;
  }
  expect_keyword("extend");
  expect_keyword(keyword.text);
  if (definition.kind == DefinitionKind::kSchema) {
    schema_body(definition);
  } else if (definition.kind == DefinitionKind::kDirective) {
    expect(TokenKind::kAt);
    definition.name = name();
    definition.directives = directives(true);
  } else {
    definition.name = name();
    named_type_body(definition);
  }
  refuse_empty_extension(definition);
  return definition;
}

void Parser::refuse_empty_extension(const Definition& definition) {
  const bool empty = definition.directives.empty() && definition.root_operations.empty() &&
                     definition.interfaces.empty() && definition.fields.empty() &&
                     definition.members.empty() && definition.enum_values.empty() &&
                     definition.input_fields.empty();
  if (empty) {
    unexpected(token_);
  }
}

void Parser::schema_body(Definition& definition) {
  definition.directives = directives(true);
  if (!definition.extension || peek(TokenKind::kBraceLeft)) {
    definition.root_operations = root_operations();
  }
}

void Parser::directive_body(Definition& definition) {
  expect(TokenKind::kAt);
  definition.name = name();
  definition.input_fields = input_values(TokenKind::kParenLeft, TokenKind::kParenRight);
  definition.directives = directives(true);
  definition.repeatable = skip_keyword("repeatable");
  expect_keyword("on");
  definition.locations = delimited(TokenKind::kPipe, [this] { return directive_location(); });
}

void Parser::named_type_body(Definition& definition) {
  switch (definition.kind) {
    case DefinitionKind::kScalar:
      definition.directives = directives(true);
      return;
    case DefinitionKind::kObject:
    case DefinitionKind::kInterface:
      definition.interfaces = interfaces();
      definition.directives = directives(true);
      definition.fields = field_definitions();
      return;
    case DefinitionKind::kUnion:
      definition.directives = directives(true);
      definition.members = union_members();
      return;
    case DefinitionKind::kEnum:
      definition.directives = directives(true);
      definition.enum_values = enum_values();
      return;
    case DefinitionKind::kInputObject:
      definition.directives = directives(true);
      definition.input_fields = input_values(TokenKind::kBraceLeft, TokenKind::kBraceRight);
      return;
    case DefinitionKind::kOperation:
    case DefinitionKind::kFragment:
    case DefinitionKind::kSchema:
    case DefinitionKind::kDirective:
      break;
  }
  MATRICULA_ASSERT(false && "not the kind of a named type");
}

std::span<const Name> Parser::interfaces() {
  if (!skip_keyword("implements")) {
    return {};
  }
  return delimited(TokenKind::kAmpersand, [this] { return name(); });
}

std::span<const Name> Parser::union_members() {
  if (!skip(TokenKind::kEquals)) {
    return {};
  }
  return delimited(TokenKind::kPipe, [this] { return name(); });
}

std::span<const FieldDefinition> Parser::field_definitions() {
  if (!skip(TokenKind::kBraceLeft)) {
    return {};
  }
  return many(field_definitions_, TokenKind::kBraceRight, [this] {
    FieldDefinition field{.offset = token_.start};
    field.description = description();
    field.name = name();
    field.arguments = input_values(TokenKind::kParenLeft, TokenKind::kParenRight);
    expect(TokenKind::kColon);
    field.type = type_reference();
    field.directives = directives(true);
    return field;
  });
}

std::span<const EnumValueDefinition> Parser::enum_values() {
  if (!skip(TokenKind::kBraceLeft)) {
    return {};
  }
  return many(enum_values_, TokenKind::kBraceRight, [this] {
    EnumValueDefinition value{.offset = token_.start};
    value.description = description();
    if (peek_keyword("true") || peek_keyword("false") || peek_keyword("null")) {
      syntax_error(token_.start, fmt::format("{} is reserved and cannot be used for an enum value.",
                                             token_text(token_)));
    }
    value.name = name();
    value.directives = directives(true);
    return value;
  });
}

std::span<const InputValueDefinition> Parser::input_values(TokenKind open, TokenKind close) {
  if (!skip(open)) {
    return {};
  }
  return many(input_values_, close, [this] { return input_value(); });
}

InputValueDefinition Parser::input_value() {
  InputValueDefinition input{.offset = token_.start};
  input.description = description();
  input.name = name();
  expect(TokenKind::kColon);
  input.type = type_reference();
  if (skip(TokenKind::kEquals)) {
    input.default_value = keep(value(true));
  }
  input.directives = directives(true);
  return input;
}

std::span<const RootOperationType> Parser::root_operations() {
  if (!expect(TokenKind::kBraceLeft)) {
    return {};
  }
  return many(root_operations_, TokenKind::kBraceRight, [this] {
    RootOperationType root{.offset = token_.start};
    root.operation = operation_type();
    expect(TokenKind::kColon);
    root.type = name();
    return root;
  });
}

Name Parser::directive_location() {
  const Token word = token_;
  const Name location = name();
  if (std::find(kDirectiveLocations.begin(), kDirectiveLocations.end(), word.text) ==
      kDirectiveLocations.end()) {
    unexpected(word);
  }
  return location;
}

}  // namespace matricula::graphql
