#include "json/error_text.h"

#include "json/writer.h"

namespace matricula::json {

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
