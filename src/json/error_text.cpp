#include "json/error_text.h"

#include "json/writer.h"

namespace matricula::json {

std::string errors_body(std::span<const ErrorText> errors) {
  std::string body = R"({"errors":[)";
  for (std::size_t i = 0; i < errors.size(); ++i) {
    body += i == 0 ? "" : ",";
    append_error(body, errors[i]);
  }
  body += "]}";
  return body;
}

void append_error(std::string& out, const ErrorText& error) {
  out += R"({"message":)";
  append_string(out, error.message);
  out += error.place;
  out += R"(,"extensions":{"code":)";
  append_string(out, error.code);
  out += error.extensions;
  out += "}}";
}

}  // namespace matricula::json
