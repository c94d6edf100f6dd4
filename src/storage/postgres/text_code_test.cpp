#include "storage/postgres/text_code.h"

#include <gtest/gtest.h>
#include <iterator>
#include <random>

#include "storage/postgres/values.h"

namespace matricula::storage::postgres {
namespace {

std::string coded(std::string_view text) {
  std::string out;
  append_coded(out, text);
  return out;
}

std::string decoded(std::string_view stored) {
  std::string out;
  append_decoded(out, stored);
  return out;
}

TEST(TextCode, LeavesOrdinaryTextAlone) {
  EXPECT_FALSE(needs_code("Zürich\t\n\x04"));
  EXPECT_FALSE(is_coded("Zürich\t\n\x04"));
  EXPECT_TRUE(needs_code(std::string_view("a\0b", 3)));
  EXPECT_EQ(coded(std::string_view("a\0b\3", 4)), "a\1\2\2b\1\3\3");
}

// All that the store does with text: give it back, compare it, look into it.
TEST(TextCode, KeepsOrderAndContainment) {
  std::mt19937 random(7);
  const auto text = [&random](std::size_t longest) {
    std::string made;
    for (std::size_t n = random() % (longest + 1); n > 0; --n) {
      made += static_cast<char>(random() % 6);
    }
    return made;
  };
  for (int round = 0; round < 20'000; ++round) {
    const std::string a = text(6);
    const std::string b = text(3);
    ASSERT_EQ(decoded(coded(a)), a);
    ASSERT_EQ(coded(a).find('\0'), std::string::npos);
    ASSERT_EQ(coded(a) < coded(b), a < b);
    ASSERT_EQ(coded(a).find(coded(b)) != std::string::npos, a.find(b) != std::string::npos);
  }
}

// What PostgreSQL's escape_json() makes of a text.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (static_cast<unsigned char>(c) < 8) {
      out += "\\u000";
      out += static_cast<char>('0' + c);
    } else {
      out += c;
    }
  }
  return out;
}

// Also where the text itself looks like an escape.
TEST(TextCode, IsFoundInJsonThatWasMadeOfStoredTexts) {
  std::mt19937 random(8);
  const std::string_view parts[] = {{"\0", 1}, "\1",   "\2",      "\3", "\4",
                                    "\\",      "u000", "\\u0001", "1",  "2"};
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::size_t n = random() % 7; n > 0; --n) {
      text += parts[random() % std::size(parts)];
    }
    const std::string stored = escaped(coded(text));
    std::string json;
    append_decoded_json(json, stored);
    ASSERT_EQ(json, escaped(text));
    ASSERT_TRUE(has_coded_escape(stored) || json == stored);
  }
}

TEST(Parameters, AreWrittenWithDollarsOutsideOfTexts) {
  EXPECT_EQ(with_dollar_parameters("SELECT ?1, '?2', ?12 WHERE a = 'it''s ?3' AND b = ?4"),
            "SELECT $1, '?2', $12 WHERE a = 'it''s ?3' AND b = $4");
}

}  // namespace
}  // namespace matricula::storage::postgres
