#include "graphql/language/lexer.h"

#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/byte_order_mark.h"
#include "graphql/language/characters.h"
#include "graphql/language/string_literal.h"

namespace matricula::graphql {

namespace {

// The tokens of one byte, by that byte; kError for the bytes that start none.
constexpr std::array<TokenKind, 256> kPunctuators = [] {
  std::array<TokenKind, 256> kinds{};
  kinds.fill(TokenKind::kError);
  kinds['!'] = TokenKind::kBang;
  kinds['$'] = TokenKind::kDollar;
  kinds['&'] = TokenKind::kAmpersand;
  kinds['('] = TokenKind::kParenLeft;
  kinds[')'] = TokenKind::kParenRight;
  kinds[':'] = TokenKind::kColon;
  kinds['='] = TokenKind::kEquals;
  kinds['@'] = TokenKind::kAt;
  kinds['['] = TokenKind::kBracketLeft;
  kinds[']'] = TokenKind::kBracketRight;
  kinds['{'] = TokenKind::kBraceLeft;
  kinds['|'] = TokenKind::kPipe;
  kinds['}'] = TokenKind::kBraceRight;
  return kinds;
}();

}  // namespace

std::string_view token_kind_text(TokenKind kind) {
  static constexpr std::array<std::string_view, 21> kTexts = {
      "<EOF>", "\"!\"", "\"$\"", "\"&\"", "\"(\"",  "\")\"",       "\"...\"",
      "\":\"", "\"=\"", "\"@\"", "\"[\"", "\"]\"",  "\"{\"",       "\"|\"",
      "\"}\"", "Name",  "Int",   "Float", "String", "BlockString", "<error>"};
  return kTexts[static_cast<std::size_t>(kind)];
}

std::string token_text(const Token& token) {
  const std::string_view kind = token_kind_text(token.kind);
  return token.kind >= TokenKind::kName ? fmt::format("{} \"{}\"", kind, token.text)
                                        : std::string(kind);
}

Token Lexer::next() {
  if (error_) {
    return Token{.kind = TokenKind::kError};
  }
  while (position_ < source_.size()) {
    const char c = source_[position_];
    if (has_class(c, kNameStart)) {
      return name();
    }
    if (has_class(c, kBlank)) {
      ++position_;
      continue;
    }
    const TokenKind kind = kPunctuators[static_cast<unsigned char>(c)];
    if (kind != TokenKind::kError) {
      return punctuator(kind, 1);
    }
    if (c == '#') {
      position_ = std::min(source_.find_first_of("\n\r", position_), source_.size());
      continue;
    }
    if (c == '"') {
      return source_.substr(position_, 3) == R"(""")" ? block_string() : string();
    }
    if (c == '.') {
      return dot();
    }
    if (c == '-' || has_class(c, kDigit)) {
      return number();
    }
    if (source_.substr(position_, 3) == kByteOrderMark) {
      position_ += 3;
      continue;
    }
    return bad_character();
  }
  const auto end = static_cast<Offset>(source_.size());
  return Token{.kind = TokenKind::kEndOfFile, .start = end, .end = end};
}

Token Lexer::punctuator(TokenKind kind, std::size_t length) {
  const auto start = static_cast<Offset>(position_);
  position_ += length;
  return Token{.kind = kind, .start = start, .end = static_cast<Offset>(position_)};
}

Token Lexer::name() {
  const std::size_t start = position_;
  do {
    ++position_;
  } while (position_ < source_.size() && has_class(source_[position_], kNameContinue));
  return Token{.kind = TokenKind::kName,
               .start = static_cast<Offset>(start),
               .end = static_cast<Offset>(position_),
               .text = source_.substr(start, position_ - start)};
}

Token Lexer::dot() {
  if (at(position_ + 1) == '.') {
    return at(position_ + 2) == '.' ? punctuator(TokenKind::kSpread, 3)
                                    : fail(position_, R"(Unexpected "..", did you mean "..."?)");
  }
  if (has_class(at(position_ + 1), kDigit)) {
    std::size_t end = position_ + 1;
    skip_digits(end);
    return fail(position_,
                fmt::format(R"(Invalid number, expected digit before ".", did you mean "0.{}"?)",
                            source_.substr(position_ + 1, end - position_ - 1)));
  }
  return bad_character();
}

// Passes one digit or more; false, with the error set, where there is none.
bool Lexer::skip_digits(std::size_t& position) {
  if (!has_class(at(position), kDigit)) {
    fail(position,
         "Invalid number, expected digit but got: " + character_text(source_, position) + ".");
    return false;
  }
  while (has_class(at(position), kDigit)) {
    ++position;
  }
  return true;
}

Token Lexer::number() {
  const Token error{.kind = TokenKind::kError};
  std::size_t position = position_;
  TokenKind kind = TokenKind::kInt;
  if (at(position) == '-') {
    ++position;
  }
  if (at(position) == '0') {
    ++position;
    if (has_class(at(position), kDigit)) {
      return fail(position, "Invalid number, unexpected digit after 0: " +
                                character_text(source_, position) + ".");
    }
  } else if (!skip_digits(position)) {
    return error;
  }
  if (at(position) == '.') {
    kind = TokenKind::kFloat;
    ++position;
    if (!skip_digits(position)) {
      return error;
    }
  }
  if (at(position) == 'e' || at(position) == 'E') {
    kind = TokenKind::kFloat;
    ++position;
    if (at(position) == '+' || at(position) == '-') {
      ++position;
    }
    if (!skip_digits(position)) {
      return error;
    }
  }
  if (at(position) == '.' || has_class(at(position), kNameStart)) {
    return fail(position, "Invalid number, expected digit but got: " +
                              character_text(source_, position) + ".");
  }
  const std::size_t start = std::exchange(position_, position);
  return Token{.kind = kind,
               .start = static_cast<Offset>(start),
               .end = static_cast<Offset>(position),
               .text = source_.substr(start, position - start)};
}

Token Lexer::string() {
  StringLiteral literal = scan_string(source_, position_);
  if (!literal.error.empty()) {
    return fail(literal.end, std::move(literal.error));
  }
  std::string_view text = source_.substr(position_ + 1, literal.end - position_ - 2);
  if (!literal.verbatim) {
    decoded_bytes_ += text.size();
    text = decode_string(text, memory_);
  }
  return finish_string(TokenKind::kString, literal.end, text);
}

Token Lexer::block_string() {
  StringLiteral literal = scan_block_string(source_, position_);
  if (!literal.error.empty()) {
    return fail(literal.end, std::move(literal.error));
  }
  std::string_view text = source_.substr(position_ + 3, literal.end - position_ - 6);
  if (!literal.verbatim) {
    decoded_bytes_ += text.size();
    text = decode_block_string(text, memory_);
  }
  return finish_string(TokenKind::kBlockString, literal.end, text);
}

Token Lexer::finish_string(TokenKind kind, std::size_t end, std::string_view text) {
  const std::size_t start = std::exchange(position_, end);
  return Token{.kind = kind,
               .start = static_cast<Offset>(start),
               .end = static_cast<Offset>(end),
               .text = text};
}

Token Lexer::bad_character() {
  if (source_[position_] == '\'') {
    return fail(position_,
                "Unexpected single quote character ('), did you mean to use a double quote (\")?");
  }
  return fail(position_, "Unexpected character: " + character_text(source_, position_) + ".");
}

Token Lexer::fail(std::size_t offset, std::string message) {
  error_ = LexicalError{.message = std::move(message), .offset = offset};
  return Token{.kind = TokenKind::kError};
}

}  // namespace matricula::graphql
