#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>

#include "tests/tidy/sources.h"

namespace matricula::tidy {
namespace {

constexpr std::size_t kLinesMax = 400;

// The file that says what is banned may name it.
constexpr std::string_view kThisFile = "tests/tidy/tidy_test.cpp";

bool is_code(const SourceFile& file) {
  return has_extension(file.path, {".cpp", ".h", ".ts", ".tsx", ".js", ".mjs", ".sh", ".css"});
}

bool matches(const std::string& text, const std::regex& pattern) {
  return std::regex_search(text, pattern);
}

void expect_no_line_matches(const std::regex& pattern, const std::string& reason) {
  for (const SourceFile& file : source_files()) {
    if (file.path == kThisFile) {
      continue;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(matches(file.lines[i], pattern))
          << file.path << ":" << i + 1 << ": " << reason << ": " << file.lines[i];
    }
  }
}

TEST(Tidy, EveryFolderOfSourcesHasAReadme) {
  std::set<std::string> readmes;
  std::set<std::string> folders;
  for (const SourceFile& file : source_files()) {
    if (file.path.ends_with("README.md")) {
      readmes.insert(folder_of(file.path));
    } else if (is_code(file) || has_extension(file.path, {".graphql", ".cmake", ".md"})) {
      folders.insert(folder_of(file.path));
    }
  }
  for (const std::string& folder : folders) {
    EXPECT_TRUE(readmes.contains(folder)) << folder << " has no README.md";
  }
}

TEST(Tidy, NoFileHoldsMoreThanOneIdeaCanNeed) {
  for (const SourceFile& file : source_files()) {
    if (is_code(file)) {
      EXPECT_LE(file.lines.size(), kLinesMax) << file.path;
    }
  }
}

TEST(Tidy, EverySourceIsNamedInTheCMakeListAboveIt) {
  std::map<std::string, std::string> lists;
  for (const SourceFile& file : source_files()) {
    if (file.path.ends_with("CMakeLists.txt")) {
      std::string& text = lists[folder_of(file.path)];
      for (const std::string& line : file.lines) {
        text += line + "\n";
      }
    }
  }
  for (const SourceFile& file : source_files()) {
    if (!file.path.ends_with(".cpp")) {
      continue;
    }
    std::string folder = folder_of(file.path);
    while (folder != "." && !lists.contains(folder)) {
      folder = folder_of(folder);
    }
    const std::string name = folder == "." ? file.path : file.path.substr(folder.size() + 1);
    const auto list = lists.find(folder);
    ASSERT_NE(list, lists.end()) << file.path;
    // A folder below domains/ is an endpoint by being there; its sources are found by CMake.
    if (folder == "domains" && name.find('/') != std::string::npos) {
      continue;
    }
    EXPECT_NE(list->second.find(name), std::string::npos)
        << file.path << " is not in " << folder << "/CMakeLists.txt";
  }
}

TEST(Tidy, MarksOfUnfinishedWorkNameTheirReason) {
  expect_no_line_matches(std::regex(R"(\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\): ))"),
                         "write TODO(#ISSUE): reason, or do it");
}

// What fuzzes and lints is clang 14. It cannot compile the views of the library of g++ 12, nor the
// algorithms that return one.
TEST(Tidy, NoSourceUsesViewsThatClangCannotCompile) {
  const std::regex views(
      R"(std::(ranges::)?views\b|)"
      R"(std::ranges::(subrange|equal_range|remove|remove_if|unique|partition|stable_partition|)"
      R"(rotate|search|search_n|find_end)\b)");
  for (const SourceFile& file : source_files()) {
    if (!has_extension(file.path, {".cpp", ".h"}) || file.path == kThisFile) {
      continue;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      // Quicker to find than the whole pattern.
      EXPECT_FALSE(line.find("std::") != std::string::npos && matches(line, views))
          << file.path << ":" << i + 1 << ": " << line;
    }
  }
}

TEST(Tidy, NothingNamesOneMachine) {
  expect_no_line_matches(
      std::regex(R"((^|[^A-Za-z0-9_.])/(work|farm|home/[a-z]+|tmp/(bash|studio|brief))\b)"),
      "a path of one machine");
  expect_no_line_matches(std::regex(R"(https?://(registry|deb|security|proxy)\.)"),
                         "the host of a package registry");
  expect_no_line_matches(std::regex(R"(\.\./shared/)"), "a path outside the project");
}

// The number that the name of a decision's page begins with; 0 for the template and other files.
int decision_number(const SourceFile& file) {
  const std::string folder = "docs/decisions/";
  return file.path.starts_with(folder) ? std::atoi(file.path.c_str() + folder.size()) : 0;
}

TEST(Tidy, ADecisionSaysWhichLaterOnesReplacedIt) {
  std::set<int> decisions;
  for (const SourceFile& file : source_files()) {
    decisions.insert(decision_number(file));
  }
  const std::regex status(
      R"(Status: (in force|replaced( in part)? by (\d+)(, \d+)*( and \d+)?)\.)");
  const std::regex number(R"(\d+)");
  for (const SourceFile& file : source_files()) {
    const int decision = decision_number(file);
    if (decision == 0) {
      continue;
    }
    const std::string line = file.lines.size() > 2 ? file.lines[2] : "";
    EXPECT_TRUE(std::regex_match(line, status)) << file.path << ":3: " << line;
    for (std::sregex_iterator i(line.begin(), line.end(), number), end; i != end; ++i) {
      const int later = std::stoi((*i)[0]);
      EXPECT_TRUE(later > decision && decisions.contains(later)) << file.path << ": " << later;
    }
  }
}

TEST(Tidy, PackagesAreListedOnceAndSorted) {
  std::ifstream file("packages.txt");
  ASSERT_TRUE(file.is_open());
  std::string before;
  for (std::string line; std::getline(file, line);) {
    EXPECT_LT(before, line);
    EXPECT_TRUE(
        std::regex_match(line, std::regex(R"([a-z0-9][a-z0-9.+-]*( (format|fuzz|lint|test))?)")))
        << line;
    before = line;
  }
}

}  // namespace
}  // namespace matricula::tidy
