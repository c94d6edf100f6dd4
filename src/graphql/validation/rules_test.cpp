// Runs the cases beside each rule: rules/README.md has their form.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"

namespace matricula::graphql {
namespace {

const std::filesystem::path kFolder = "src/graphql/validation/rules";

struct Case {
  std::string title;
  std::string document;
  std::string expected;
};

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  bool in_document = false;
  std::istringstream file(read_file(path));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      cases.push_back({.title = line.substr(3), .document = {}, .expected = {}});
      in_document = true;
    } else if (line == "--") {
      in_document = false;
    } else if (!cases.empty() && in_document) {
      cases.back().document += line + "\n";
    } else if (!cases.empty() && !line.empty()) {
      cases.back().expected += line + "\n";
    }
  }
  return cases;
}

std::string text_of(const Diagnostic& error) {
  std::string text;
  for (const Location& location : error.locations) {
    text += (text.empty() ? "" : " ") + std::to_string(location.line) + ":" +
            std::to_string(location.column);
  }
  text += " ";
  for (const char letter : error.message) {
    text += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  }
  return text + "\n";
}

std::string verdict(const std::shared_ptr<const Schema>& schema, const std::string& text) {
  const auto document = parse(text, {});
  if (!document) {
    return text_of(document.error());
  }
  std::string errors;
  if (const auto valid = validate(schema, *document, {}); !valid) {
    for (const Diagnostic& error : valid.error()) {
      EXPECT_EQ(error.code, ErrorCode::kValidationFailed);
      errors += text_of(error);
    }
  }
  return errors;
}

std::vector<std::string> names_of_files(const std::string& extension) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem();
    // What merging is made of is no rule.
    if (entry.path().extension() == extension && name != "field_collection") {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Rules, EachHasItsCases) {
  EXPECT_EQ(names_of_files(".cases"), names_of_files(".cpp"));
}

TEST(Rules, SayOfEachCaseWhatItExpects) {
  const auto schema = Schema::from_sdl(read_file(kFolder / "pets.graphql"));
  ASSERT_TRUE(schema.has_value()) << schema.error().message;
  for (const std::string& rule : names_of_files(".cases")) {
    const std::vector<Case> cases = read_cases(kFolder / (rule + ".cases"));
    EXPECT_FALSE(cases.empty()) << rule;
    for (const Case& c : cases) {
      EXPECT_EQ(verdict(*schema, c.document), c.expected) << rule << ": " << c.title;
    }
  }
}

}  // namespace
}  // namespace matricula::graphql
