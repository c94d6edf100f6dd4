#pragma once

#include <map>
#include <string>
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
  int status = 0;
  std::string body = {};  // as the file has it
};

// Asserts on a file that is not well formed: it is ours.
std::vector<Case> read_case_file(const std::string& path);

// The file's text again, from its cases.
std::string case_file_text(const std::vector<Case>& cases);

// JSON text without the white space outside of strings.
std::string squeeze(const std::string& json);

}  // namespace matricula::cases
