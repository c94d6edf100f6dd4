#include "http/cookie.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

using Values = std::vector<std::string_view>;

Values find(std::string_view field, std::string_view name) {
  const Header headers[] = {{"Cookie", field}};
  return find_cookies({.headers = headers}, name);
}

TEST(Cookie, IsFoundByItsExactName) {
  EXPECT_EQ(find("a=1; session=x-y_z; b=2", "session"), Values{"x-y_z"});
  EXPECT_EQ(find("session=x=y", "session"), Values{"x=y"});
  EXPECT_EQ(find("session=\"x\"", "session"), Values{"x"});
  EXPECT_EQ(find("session=", "session"), Values{""});
  EXPECT_EQ(find("Session=x", "session"), Values{});
  EXPECT_EQ(find("xsession=x; session2=y; session", "session"), Values{});
  EXPECT_EQ(find("", "session"), Values{});
}

TEST(Cookie, OnesOfANameAreGivenInTheirOrderUpToABound) {
  EXPECT_EQ(find("s=a; s=b", "s"), (Values{"a", "b"}));
  const Header headers[] = {{"Cookie", "s=a"}, {"cookie", "s=b; t=c"}};
  const Request request{.headers = headers};
  EXPECT_EQ(find_cookies(request, "s"), (Values{"a", "b"}));
  EXPECT_EQ(find_cookies(request, "t"), Values{"c"});
  EXPECT_EQ(find("s=1; s=2; s=3; s=4", "s"), (Values{"1", "2", "3", "4"}));
  EXPECT_EQ(find("s=1; s=2; s=3; s=4; s=5", "s"), (Values{"1", "2", "3", "4"}));
}

TEST(Cookie, AValueOfForbiddenCharactersIsNone) {
  EXPECT_EQ(find("s=a b", "s"), Values{});
  EXPECT_EQ(find("s=a,b", "s"), Values{});
  EXPECT_EQ(find("s=a\"b; s=c", "s"), Values{"c"});
  EXPECT_EQ(find("s=\xc3\xa9", "s"), Values{});
}

}  // namespace
}  // namespace matricula::http
