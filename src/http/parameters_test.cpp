#include "http/parameters.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

constexpr std::string_view kKnown[] = {"limit", "flat"};

std::string error_of(std::string_view query) {
  const auto parameters = Parameters::read(query, kKnown);
  if (!parameters) {
    return parameters.error().message;
  }
  if (const auto number = parameters->integer("limit", 1, 100); !number) {
    return number.error().message;
  }
  const auto flag = parameters->flag("flat");
  return flag ? "none" : flag.error().message;
}

TEST(Parameters, AnUnknownNameIsRefusedWithTheKnownOnes) {
  EXPECT_EQ(error_of("limits=3"), "\"limits\" is not a parameter here; there are limit, flat.");
  EXPECT_EQ(error_of(""), "none");
}

TEST(Parameters, AnIntegerOutOfItsBoundsIsRefusedWithThem) {
  EXPECT_EQ(error_of("limit=1"), "none");
  EXPECT_EQ(error_of("limit=100"), "none");
  for (const std::string bad :
       {"0", "101", "", "-1", "+1", "1.0", "1 ", "0x1", "ten", "99999999999999999999"}) {
    EXPECT_EQ(error_of("limit=" + http::percent_encode(bad)),
              "limit must be an integer from 1 to 100; \"" + bad + "\" was given.");
  }
}

TEST(Parameters, AFlagIsOneOrZero) {
  const auto flag = [](std::string_view query) {
    return Parameters::read(query, kKnown)->flag("flat").value();
  };
  EXPECT_TRUE(flag("flat=1"));
  EXPECT_TRUE(flag("flat=true"));
  EXPECT_FALSE(flag("flat=0"));
  EXPECT_FALSE(flag(""));
  EXPECT_EQ(error_of("flat=yes"), "flat must be 1, true, 0 or false; \"yes\" was given.");
  EXPECT_EQ(error_of("flat"), "flat must be 1, true, 0 or false; \"\" was given.");
}

}  // namespace
}  // namespace matricula::http
