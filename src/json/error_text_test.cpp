#include "json/error_text.h"

#include <gtest/gtest.h>

namespace matricula::json {
namespace {

TEST(ErrorText, HasItsMessageAndCode) {
  std::string out = "[";
  append_error(out, {.message = R"(no "field")", .code = "BAD_USER_INPUT"});
  EXPECT_EQ(out, R"([{"message":"no \"field\"","extensions":{"code":"BAD_USER_INPUT"}})");
}

TEST(ErrorText, MayHaveAPlaceAndMoreExtensions) {
  std::string out;
  append_error(
      out,
      {.message = "m", .code = "C", .place = R"(,"path":["a"])", .extensions = R"(,"oldest":3)"});
  EXPECT_EQ(out, R"({"message":"m","path":["a"],"extensions":{"code":"C","oldest":3}})");
}

}  // namespace
}  // namespace matricula::json
