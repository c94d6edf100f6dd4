#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "graphql/language/lexer.h"
#include "graphql/language/parser.h"
#include "graphql/language/scratch.h"

namespace matricula::graphql {

// The recursive descent behind parse(). One token is read ahead, as graphql-js does, so that the
// first of two errors is the same one. After an error the current token is kError, which nothing
// expects: every function then returns at once, and only the first error is kept.
class Parser {
 public:
  Parser(Document& document, const ParseLimits& limits);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Fills the document, once.
  std::optional<Diagnostic> run();

 private:
  // parser.cpp: tokens, errors and limits.
  void advance();
  const Token& lookahead();
  bool peek(TokenKind kind) const { return token_.kind == kind; }
  bool expect(TokenKind kind);
  bool skip(TokenKind kind);
  bool peek_keyword(std::string_view word) const {
    return token_.kind == TokenKind::kName && token_.text == word;
  }
  bool expect_keyword(std::string_view word);
  bool skip_keyword(std::string_view word);
  bool failed() const { return error_.has_value(); }
  void fail(ErrorCode code, Offset offset, std::string message);
  void syntax_error(Offset offset, std::string_view message);
  void unexpected(const Token& token);
  void lexical_error();
  // Counts one level more; false, with the error set, when that is one too many.
  bool enter(Offset offset);
  void leave() { --nesting_; }

  // parser.cpp: definitions.
  Definition definition();
  Definition operation();
  Definition fragment();
  OperationType operation_type();
  VariableDefinition variable_definition();

  // parser_selections.cpp
  const SelectionSet* selection_set();
  Selection selection();
  Selection field();
  const SelectionSet* field_selection_set(std::string_view field_name);
  Selection spread();
  Name fragment_name();
  std::span<const Argument> arguments(bool constant);
  std::span<const Directive> directives(bool constant);

  // parser_values.cpp
  Name name();
  Name variable();
  Value value(bool constant);
  Value variable_value(bool constant);
  Value list_value(bool constant);
  Value object_value(bool constant);
  TypeReference type_reference();
  Description description();
  bool peek_description() const {
    return peek(TokenKind::kString) || peek(TokenKind::kBlockString);
  }

  // parser_types.cpp: type system definitions and extensions.
  Definition type_system_definition(std::string_view keyword);
  Definition extension();
  void schema_body(Definition& definition);
  void directive_body(Definition& definition);
  void named_type_body(Definition& definition);
  std::span<const Name> interfaces();
  std::span<const Name> union_members();
  std::span<const FieldDefinition> field_definitions();
  std::span<const EnumValueDefinition> enum_values();
  std::span<const InputValueDefinition> input_values(TokenKind open, TokenKind close);
  std::span<const RootOperationType> root_operations();
  InputValueDefinition input_value();
  Name directive_location();
  void refuse_empty_extension(const Definition& definition);

  template <typename T>
  const T* keep(const T& node) {
    arena_bytes_ += sizeof(T);
    return new (document_.arena_.allocate(sizeof(T), alignof(T))) T(node);
  }
  template <typename T>
  std::span<const T> take(Scratch<T>& scratch, std::size_t mark) {
    const std::span<const T> items = scratch.take(mark, document_.arena_);
    arena_bytes_ += items.size_bytes();
    return items;
  }
  // `open item+ close`, the opening token already read.
  template <typename T, typename Item>
  std::span<const T> many(Scratch<T>& scratch, TokenKind close, const Item& item) {
    const std::size_t mark = scratch.mark();
    do {
      scratch.push(item());
    } while (!skip(close) && !failed());
    return take(scratch, mark);
  }
  // `item (delimiter item)*`, with an optional delimiter in front.
  template <typename Item>
  std::span<const Name> delimited(TokenKind delimiter, const Item& item) {
    const std::size_t mark = names_.mark();
    skip(delimiter);
    do {
      names_.push(item());
    } while (skip(delimiter));
    return take(names_, mark);
  }

  Document& document_;
  ParseLimits limits_;
  std::size_t arena_bytes_ = 0;
  Lexer lexer_;
  Token token_;
  std::optional<Token> ahead_;
  std::optional<Diagnostic> error_;

  std::size_t tokens_ = 0;
  std::size_t nesting_ = 0;
  std::size_t depth_ = 0;  // of fields around the selection being read
  std::size_t aliases_ = 0;
  std::size_t root_fields_ = 0;
  bool in_introspection_ = false;
  bool in_operation_ = false;

  std::array<std::byte, 16'384> scratch_bytes_;
  std::pmr::monotonic_buffer_resource scratch_memory_;
  Scratch<Definition> definitions_;
  Scratch<Selection> selections_;
  Scratch<Argument> arguments_;
  Scratch<Directive> directives_;
  Scratch<Value> values_;
  Scratch<ObjectField> object_fields_;
  Scratch<VariableDefinition> variables_;
  Scratch<Name> names_;
  Scratch<InputValueDefinition> input_values_;
  Scratch<FieldDefinition> field_definitions_;
  Scratch<EnumValueDefinition> enum_values_;
  Scratch<RootOperationType> root_operations_;
};

}  // namespace matricula::graphql
