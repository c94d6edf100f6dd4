#include <gtest/gtest.h>
#include <regex>

#include "tests/tidy/sources.h"

// Words that make a reader of comments and documents think of people where none are meant.
namespace matricula::tidy {
namespace {

const std::regex& unclear_words() {
  static const std::regex kWords(
      R"(\b(anybody|everybody|journey|nobody|remembered|remembers|somebody|whom)\b)",
      std::regex::icase);
  return kWords;
}

// What is written for people on a line: a comment, or all of a document's line.
std::string prose_of(const SourceFile& file, const std::string& line) {
  if (file.path.ends_with(".md")) {
    return line;
  }
  const std::size_t comment = line.find("// ");
  return comment == std::string::npos ? std::string() : line.substr(comment);
}

bool is_clear(const std::string& prose) {
  return !std::regex_search(prose, unclear_words());
}

TEST(Wording, FindsTheWordInACommentAlone) {
  const SourceFile source{.path = "src/a.cpp", .lines = {}};
  EXPECT_FALSE(is_clear(prose_of(source, "  f();  // for everybody")));
  EXPECT_TRUE(is_clear(prose_of(source, "  f(\"everybody\");  // an account without rights")));
  EXPECT_FALSE(is_clear(prose_of({.path = "docs/a.md", .lines = {}}, "Everybody waits.")));
}

TEST(Wording, CommentsAndDocumentsAreInPlainWords) {
  for (const SourceFile& file : source_files()) {
    // The pages for users have addresses of people in their examples.
    if (file.path.starts_with("web/docs/pages/") || file.path == "tests/tidy/wording_test.cpp") {
      continue;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_TRUE(is_clear(prose_of(file, file.lines[i])))
          << file.path << ":" << i + 1 << ": say it in the field's words: " << file.lines[i];
    }
  }
}

}  // namespace
}  // namespace matricula::tidy
