#include <cctype>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>

#include "tests/tidy/sources.h"

namespace matricula::tidy {
namespace {

using Names = std::set<std::string, std::less<>>;

// Names in a text that are claimed to be in the tree.
struct Claims {
  std::vector<std::string> paths;      // of files and folders
  std::vector<std::string> functions;  // of `name()`
};

const std::regex kQuoted("`([^`]+)`");
const std::regex kPath(
    R"((src|tests|docs|web|domains)/[\w./-]*|[\w./-]+\.(h|cpp|md|mjs|tsx?|graphql|css|cases?))");
const std::regex kCall(R"((?:[\w:]+::)?~?(\w+)\(\))");
// Names with capitals alone stand for any: NAME.cases, docs/decisions/NNNN-title.md.
const std::regex kAnyName(R"(\b(NAME|NNNN)\b)");

Claims claims_of(const std::string& line) {
  Claims claims;
  for (std::sregex_iterator i(line.begin(), line.end(), kQuoted), end; i != end; ++i) {
    const std::string text = (*i)[1];
    std::smatch call;
    if (text.starts_with("unit.")) {
      continue;  // a test of CTest
    }
    if (std::regex_match(text, kPath) && !std::regex_search(text, kAnyName)) {
      claims.paths.push_back(text);
    } else if (std::regex_match(text, call, kCall)) {
      claims.functions.push_back(call[1]);
    }
  }
  return claims;
}

std::string name_of(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

bool is_code(const SourceFile& file) {
  return has_extension(file.path, {".cpp", ".h", ".mjs", ".ts", ".tsx", ".graphql", ".cmake"});
}

// Every identifier of the code.
const Names& identifiers() {
  static const Names kAll = [] {
    Names names;
    for (const SourceFile& file : source_files()) {
      for (const std::string& line : file.lines) {
        for (std::size_t i = 0; is_code(file) && i < line.size();) {
          std::size_t end = i;
          while (end < line.size() &&
                 (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '_')) {
            ++end;
          }
          if (end > i) {
            names.insert(line.substr(i, end - i));
          }
          i = end + 1;
        }
      }
    }
    return names;
  }();
  return kAll;
}

// Paths and names of all files and folders.
const Names& places() {
  static const Names kAll = [] {
    Names names;
    for (const SourceFile& file : source_files()) {
      names.insert(name_of(file.path));
      for (std::string path = file.path; path != "."; path = folder_of(path)) {
        names.insert(path);
      }
    }
    return names;
  }();
  return kAll;
}

bool is_place(const std::string& path, const std::string& folder) {
  const std::string bare = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  return places().contains(bare) || places().contains("src/" + bare) ||
         places().contains((std::filesystem::path(folder) / bare).lexically_normal().string()) ||
         (bare.find('/') == std::string::npos && places().contains(name_of(bare)));
}

// Decisions tell what was true then.
bool is_checked(const SourceFile& file) {
  return (file.path.ends_with(".md") && !file.path.starts_with("docs/decisions/") &&
          !file.path.starts_with("web/docs/pages/")) ||
         (file.path.ends_with(".h") && !file.path.starts_with("tests/tidy/"));
}

TEST(NamesInSamples, PathsAndCallsInBackticksAreClaims) {
  const Claims claims = claims_of("see `src/base/`, `text.h`, `read_all()`, `{ a }`, `NAME.cases`");
  EXPECT_EQ(claims.paths, (std::vector<std::string>{"src/base/", "text.h"}));
  EXPECT_EQ(claims.functions, (std::vector<std::string>{"read_all"}));
}

TEST(NamesInSamples, WhatIsNotInTheTreeIsFound) {
  EXPECT_TRUE(is_place("tests/tidy/", "."));
  EXPECT_TRUE(is_place("sources.h", "tests/tidy"));
  EXPECT_FALSE(is_place("src/no_such_folder/", "."));
  EXPECT_FALSE(is_place("no_such_file.h", "tests/tidy"));
  EXPECT_TRUE(identifiers().contains("source_files"));
}

TEST(Names, WhatTextsNameIsInTheTree) {
  for (const SourceFile& file : source_files()) {
    for (std::size_t i = 0; is_checked(file) && i < file.lines.size(); ++i) {
      const Claims claims = claims_of(file.lines[i]);
      for (const std::string& path : claims.paths) {
        EXPECT_TRUE(is_place(path, folder_of(file.path)))
            << file.path << ":" << i + 1 << ": there is no " << path;
      }
      for (const std::string& name : claims.functions) {
        EXPECT_TRUE(identifiers().contains(name))
            << file.path << ":" << i + 1 << ": there is no " << name << "()";
      }
    }
  }
}

TEST(Names, TheReadmeOfAModuleNamesEachOfItsHeaders) {
  std::map<std::string, Names> named;  // by folder
  for (const SourceFile& file : source_files()) {
    if (file.path.starts_with("src/") && file.path.ends_with("/README.md")) {
      for (const std::string& line : file.lines) {
        for (std::sregex_iterator i(line.begin(), line.end(), kQuoted), end; i != end; ++i) {
          named[folder_of(file.path)].insert((*i)[1]);
        }
      }
    }
  }
  for (const SourceFile& file : source_files()) {
    if (file.path.starts_with("src/") && file.path.ends_with(".h")) {
      const Names& names = named[folder_of(file.path)];
      const std::string name = name_of(file.path);
      EXPECT_TRUE(names.contains(name) || names.contains(name.substr(0, name.size() - 2)))
          << folder_of(file.path) << "/README.md does not say what " << name << " is";
    }
  }
}

TEST(Names, AReadmeHasOneTitle) {
  for (const SourceFile& file : source_files()) {
    if (file.path.ends_with("README.md")) {
      std::size_t titles = 0;
      bool is_code = false;
      for (const std::string& line : file.lines) {
        is_code = line.starts_with("```") ? !is_code : is_code;
        titles += !is_code && line.starts_with("# ") ? 1 : 0;
      }
      EXPECT_LE(titles, 1U) << file.path;
    }
  }
}

}  // namespace
}  // namespace matricula::tidy
