#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

#include "graphql/language/ast.h"

namespace matricula::graphql {

enum class TokenKind : std::uint8_t {
  kEndOfFile,
  kBang,
  kDollar,
  kAmpersand,
  kParenLeft,
  kParenRight,
  kSpread,
  kColon,
  kEquals,
  kAt,
  kBracketLeft,
  kBracketRight,
  kBraceLeft,
  kPipe,
  kBraceRight,
  kName,
  kInt,
  kFloat,
  kString,
  kBlockString,
  kError  // the text is no token; Lexer::error() says why
};

struct Token {
  TokenKind kind = TokenKind::kEndOfFile;
  Offset start = 0;
  Offset end = 0;              // one past the last byte
  std::string_view text = {};  // of names and numbers as written, of strings decoded
};

// How errors name a kind, such as "{" with its quotes, or Name.
std::string_view token_kind_text(TokenKind kind);
// How errors name a token, such as Name "first".
std::string token_text(const Token& token);

struct LexicalError {
  std::string message;
  std::size_t offset = 0;
};

// Reads a document token by token (GraphQL, section 2.1), no further than asked. Names and plain
// strings borrow from the source; strings that need decoding are written to `memory`, which must
// outlive the tokens. After an error every further token is kError.
// Precondition: `source` is UTF-8 and shorter than 4 GiB.
class Lexer {
 public:
  Lexer(std::string_view source, std::pmr::memory_resource& memory)
      : source_(source), memory_(memory) {}

  Token next();
  const LexicalError& error() const { return *error_; }
  // How many bytes of decoded strings were written to the memory.
  std::size_t decoded_bytes() const { return decoded_bytes_; }

 private:
  Token punctuator(TokenKind kind, std::size_t length);
  Token name();
  Token number();
  Token dot();
  Token string();
  Token block_string();
  Token fail(std::size_t offset, std::string message);
  Token bad_character();
  bool skip_digits(std::size_t& position);
  Token finish_string(TokenKind kind, std::size_t end, std::string_view text);
  // The code unit at a position; NUL past the end, where no token continues.
  char at(std::size_t position) const {
    return position < source_.size() ? source_[position] : '\0';
  }

  std::string_view source_;
  std::pmr::memory_resource& memory_;
  std::size_t position_ = 0;
  std::size_t decoded_bytes_ = 0;
  std::optional<LexicalError> error_;
};

}  // namespace matricula::graphql
