#include "http/cookie.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

TEST(Cookie, IsFoundByItsExactName) {
  EXPECT_EQ(find_cookie("a=1; session=x-y_z; b=2", "session"), "x-y_z");
  EXPECT_EQ(find_cookie("session=x=y", "session"), "x=y");
  EXPECT_EQ(find_cookie("session=\"x\"", "session"), "x");
  EXPECT_EQ(find_cookie("session=", "session"), "");
  EXPECT_EQ(find_cookie("Session=x", "session"), std::nullopt);
  EXPECT_EQ(find_cookie("xsession=x; session2=y; session", "session"), std::nullopt);
  EXPECT_EQ(find_cookie("", "session"), std::nullopt);
}

TEST(Cookie, OneThatStandsTwiceIsNone) {
  EXPECT_EQ(find_cookie("s=a; s=b", "s"), std::nullopt);
  const Header headers[] = {{"Cookie", "s=a"}, {"cookie", "s=b; t=c"}};
  const Request request{.headers = headers};
  EXPECT_EQ(find_cookie(request, "s"), std::nullopt);
  EXPECT_EQ(find_cookie(request, "t"), "c");
}

TEST(Cookie, AValueOfForbiddenCharactersIsNone) {
  EXPECT_EQ(find_cookie("s=a b", "s"), std::nullopt);
  EXPECT_EQ(find_cookie("s=a,b", "s"), std::nullopt);
  EXPECT_EQ(find_cookie("s=a\"b", "s"), std::nullopt);
  EXPECT_EQ(find_cookie("s=\xc3\xa9", "s"), std::nullopt);
}

}  // namespace
}  // namespace matricula::http
