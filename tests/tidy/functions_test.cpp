#include "tests/tidy/functions.h"

#include <gtest/gtest.h>
#include <sstream>

#include "tests/tidy/sources.h"

namespace matricula::tidy {
namespace {

constexpr std::size_t kLinesMax = 70;
constexpr std::size_t kParametersMax = 6;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

// "NAME LINE LINES PARAMETERS", a line each.
std::string seen_in(const std::string& text) {
  std::ostringstream seen;
  for (const Function& function : functions_of(lines_of(text))) {
    seen << function.name << ' ' << function.line << ' ' << function.lines << ' '
         << function.parameters << '\n';
  }
  return seen.str();
}

TEST(FunctionsOfSamples, ADefinitionIsCountedFromItsHeadToItsBrace) {
  EXPECT_EQ(seen_in("int add(int a, int b) {\n  return a + b;\n}\n"), "add 1 3 2\n");
  EXPECT_EQ(seen_in("Result<void> Store::open(std::map<int, int> all,\n"
                    "                         const std::function<void(int, int)>& each) {\n"
                    "  if (all.empty()) {\n  }\n  return {};\n}\n"),
            "Store::open 1 6 2\n");
}

TEST(FunctionsOfSamples, MembersAndDeclarationsAreSeen) {
  EXPECT_EQ(seen_in("class Box {\n public:\n  int size() const;\n  void fill(int a,\n"
                    "            int b) {\n    a_ = a;\n  }\n  int a_ = count(1, 2);\n};\n"),
            "size 3 0 0\nfill 4 4 2\n");
}

TEST(FunctionsOfSamples, StatementsAndConstantsAreNone) {
  EXPECT_EQ(seen_in("constexpr auto kRows = rows(1, 2, 3, 4, 5, 6, 7);\nnamespace a {\n}\n"
                    "// text (a, b)\n"),
            "");
  EXPECT_EQ(seen_in("const char* const kText = R\"sql(\nCREATE TABLE a (\n  b c(1, 2),\n)sql\";\n"),
            "");
}

TEST(Functions, HaveSeventyLinesAndSixParametersAtMost) {
  std::size_t seen = 0;
  for (const SourceFile& file : source_files()) {
    if (!has_extension(file.path, {".cpp", ".h"})) {
      continue;
    }
    for (const Function& function : functions_of(file.lines)) {
      EXPECT_LE(function.lines, kLinesMax)
          << file.path << ":" << function.line << ": " << function.name << " is too long";
      EXPECT_LE(function.parameters, kParametersMax)
          << file.path << ":" << function.line << ": " << function.name
          << " has too many parameters: what belongs together is a struct";
      ++seen;
    }
  }
  EXPECT_GT(seen, 2'000U);
}

}  // namespace
}  // namespace matricula::tidy
