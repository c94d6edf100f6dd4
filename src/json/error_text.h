#pragma once

#include <span>
#include <string>
#include <string_view>

namespace matricula::json {

// One element of `errors`, in the form of GraphQL's responses, which all errors with a code have.
struct ErrorText {
  std::string_view message;
  std::string_view code;
  std::string_view place = {};       // more members, as JSON that begins with a comma
  std::string_view extensions = {};  // more members of `extensions`, likewise
};

// The body {"errors":[...]}.
std::string errors_body(std::span<const ErrorText> errors);

// Appends {"message":...,"extensions":{"code":...}}.
void append_error(std::string& out, const ErrorText& error);

}  // namespace matricula::json
