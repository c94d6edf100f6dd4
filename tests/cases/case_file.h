#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace matricula::cases {

// One case of a .case file; see README.md.
struct Case {
  std::string title = {};
  std::string method = {};
  std::string endpoint = {};
  std::map<std::string, std::string> words =
      {};  // what follows the endpoint: token=... and the like
  std::string document = {};
  std::string variables = {};  // JSON text; empty for none
  // What later cases, and this one's body, may call ${NAME}: name and path within the answer.
  std::vector<std::pair<std::string, std::string>> kept = {};
  int status = 0;
  std::string body = {};  // as the file has it
};

// Asserts on a file that is not well formed: it is ours.
std::vector<Case> read_case_file(const std::string& path);

// The file's text again, from its cases.
std::string case_file_text(const std::vector<Case>& cases);

// What stands at a path such as `data.tokens.0.id` of a JSON answer, if it is a text; else nothing.
std::string text_at(const std::string& body, const std::string& path);

// The text with each ${NAME} replaced by its value.
std::string filled_in(std::string text, const std::map<std::string, std::string>& values);

// The other way round: each value replaced by ${NAME}.
std::string with_names(std::string text, const std::map<std::string, std::string>& values);

// JSON text without the white space outside of strings.
std::string squeeze(const std::string& json);

}  // namespace matricula::cases
