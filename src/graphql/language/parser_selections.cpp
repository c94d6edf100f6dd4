// Selections, arguments and directives: GraphQL, sections 2.4 to 2.8 and 2.12.
#include <fmt/format.h>

#include "graphql/language/document_parser.h"

namespace matricula::graphql {

const SelectionSet* Parser::selection_set() {
  SelectionSet set{.offset = token_.start};
  if (!expect(TokenKind::kBraceLeft) || !enter(set.offset)) {
    return nullptr;
  }
  set.selections = many(selections_, TokenKind::kBraceRight, [this] { return selection(); });
  leave();
  return keep(set);
}

Selection Parser::selection() {
  return peek(TokenKind::kSpread) ? spread() : field();
}

Selection Parser::field() {
  const Token first = token_;
  Selection field{.kind = SelectionKind::kField, .offset = first.start};
  field.name = name();
  if (skip(TokenKind::kColon)) {
    field.alias = field.name;
    field.name = name();
    if (++aliases_ > limits_.aliases) {
      fail(ErrorCode::kLimitExceeded, first.start,
           fmt::format(R"(Document has more than {} aliases, the limit "aliases" of this server.)",
                       limits_.aliases));
    }
  }
  if (depth_ == 0 && in_operation_ && ++root_fields_ > limits_.root_fields) {
    fail(ErrorCode::kLimitExceeded, first.start,
         fmt::format(
             R"(Operation has more than {} root fields, the limit "root-fields" of this server.)",
             limits_.root_fields));
  }
  field.arguments = arguments(false);
  field.directives = directives(false);
  if (peek(TokenKind::kBraceLeft)) {
    field.selection_set = field_selection_set(field.name.value);
  }
  return field;
}

const SelectionSet* Parser::field_selection_set(std::string_view field_name) {
  const bool outer = in_introspection_;
  in_introspection_ = outer || field_name == "__schema" || field_name == "__type";
  // The fields of the set stand one deeper than this one, which is at depth_ + 1.
  if (!in_introspection_ && depth_ + 1 >= limits_.selection_depth) {
    fail(ErrorCode::kLimitExceeded, token_.start,
         fmt::format(R"(Selections nest deeper than {} fields, the limit "selection-depth" )"
                     "of this server.",
                     limits_.selection_depth));
    return nullptr;
  }
  ++depth_;
  const SelectionSet* const set = selection_set();
  --depth_;
  in_introspection_ = outer;
  return set;
}

Selection Parser::spread() {
  Selection spread{.kind = SelectionKind::kInlineFragment, .offset = token_.start};
  expect(TokenKind::kSpread);
  const bool has_condition = skip_keyword("on");
  if (!has_condition && peek(TokenKind::kName)) {
    spread.kind = SelectionKind::kFragmentSpread;
    spread.name = fragment_name();
    spread.directives = directives(false);
    return spread;
  }
  if (has_condition) {
    spread.type_condition = name();
  }
  spread.directives = directives(false);
  spread.selection_set = selection_set();
  return spread;
}

Name Parser::fragment_name() {
  if (peek_keyword("on")) {
    unexpected(token_);
    return {};
  }
  return name();
}

std::span<const Argument> Parser::arguments(bool constant) {
  if (!skip(TokenKind::kParenLeft)) {
    return {};
  }
  return many(arguments_, TokenKind::kParenRight, [this, constant] {
    Argument argument{.name = name(), .value = {}};
    expect(TokenKind::kColon);
    argument.value = value(constant);
    return argument;
  });
}

std::span<const Directive> Parser::directives(bool constant) {
  if (!peek(TokenKind::kAt)) {
    return {};
  }
  const std::size_t mark = directives_.mark();
  while (peek(TokenKind::kAt)) {
    Directive directive{.name = {}, .offset = token_.start};
    expect(TokenKind::kAt);
    directive.name = name();
    directive.arguments = arguments(constant);
    directives_.push(directive);
  }
  return take(directives_, mark);
}

}  // namespace matricula::graphql
