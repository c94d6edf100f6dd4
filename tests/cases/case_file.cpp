#include "tests/cases/case_file.h"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "base/assert.h"
#include "json/value.h"

namespace matricula::cases {
namespace {

void read_request_line(const std::string& line, Case& out) {
  std::istringstream words(line);
  words >> out.method >> out.endpoint;
  std::string word;
  while (words >> word) {
    const std::size_t equals = word.find('=');
    MATRICULA_ASSERT(equals != std::string::npos);
    out.words[word.substr(0, equals)] = word.substr(equals + 1);
  }
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string without_last_newline(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

}  // namespace

std::vector<Case> read_case_file(const std::string& path) {
  std::ifstream file(path);
  MATRICULA_ASSERT(file.good());
  std::vector<Case> cases;
  std::string* part = nullptr;
  bool expects_request = false;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("== ")) {
      cases.push_back({.title = line.substr(3)});
      expects_request = true;
      part = nullptr;
    } else if (expects_request) {
      read_request_line(line, cases.back());
      part = &cases.back().document;
      expects_request = false;
    } else if (line == "-- variables") {
      part = &cases.back().variables;
    } else if (line.starts_with("-- keep ")) {
      std::istringstream words(line.substr(8));
      words >> cases.back().kept.emplace_back().first >> cases.back().kept.back().second;
    } else if (line.starts_with("-- ")) {
      cases.back().status = std::stoi(line.substr(3));
      part = &cases.back().body;
    } else if (part != nullptr) {
      *part += line + '\n';
    }
  }
  for (Case& each : cases) {
    each.document = without_last_newline(std::move(each.document));
    each.variables = without_last_newline(std::move(each.variables));
    each.body = without_last_newline(std::move(each.body));
  }
  return cases;
}

std::string case_file_text(const std::vector<Case>& cases) {
  std::string out;
  for (const Case& each : cases) {
    out += fmt::format("{}== {}\n{} {}", out.empty() ? "" : "\n", each.title, each.method,
                       each.endpoint);
    for (const auto& [key, value] : each.words) {
      out += fmt::format(" {}={}", key, value);
    }
    out += fmt::format("\n{}\n", each.document);
    if (!each.variables.empty()) {
      out += fmt::format("-- variables\n{}\n", each.variables);
    }
    for (const auto& [name, path] : each.kept) {
      out += fmt::format("-- keep {} {}\n", name, path);
    }
    out += fmt::format("-- {}\n{}\n", each.status, each.body);
  }
  return out;
}

std::string text_at(const std::string& body, const std::string& path) {
  const auto document = json::read(body);
  const json::Value* value = document ? &*document : nullptr;
  std::istringstream steps(path);
  std::string step;
  while (value != nullptr && std::getline(steps, step, '.')) {
    const auto* array = std::get_if<json::Value::Array>(&value->data);
    if (array == nullptr) {
      value = value->member(step);
      continue;
    }
    const std::size_t index = std::stoul(step);
    value = index < array->size() ? &(*array)[index] : nullptr;
  }
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
  return text == nullptr ? std::string() : *text;
}

std::string filled_in(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    replace_all(text, "${" + name + "}", value);
  }
  return text;
}

std::string with_names(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    replace_all(text, value, "${" + name + "}");
  }
  return text;
}

std::string squeeze(const std::string& json) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') {
      out += c;
      out += json[++i];
      continue;
    }
    in_string = in_string != (c == '"');
    if (in_string || (c != ' ' && c != '\n' && c != '\t')) {
      out += c;
    }
  }
  return out;
}

}  // namespace matricula::cases
