#include "gate/named_company.h"

#include <gtest/gtest.h>
#include <vector>

namespace matricula::gate {
namespace {

std::string named(const std::vector<http::Header>& headers) {
  const auto company = named_company({.headers = headers});
  return !company ? company.error().message : std::string(company->value_or("none"));
}

TEST(NamedCompany, IsTheOneThatAllHeadersName) {
  EXPECT_EQ(named({}), "none");
  EXPECT_EQ(named({{"X-Company-Id", "1"}}), "1");
  EXPECT_EQ(named({{"x-company-id", "1"}, {"X-Company-Id", "1"}}), "1");
  EXPECT_EQ(named({{"X-Company-Id", "1"}, {"X-Company-Id", "2"}}),
            "The request names two companies; send one X-Company-Id.");
}

TEST(NamedCompany, AnEmptyHeaderNamesNone) {
  EXPECT_EQ(named({{"X-Company-Id", ""}}), "none");
  EXPECT_EQ(named({{"X-Company-Id", ""}, {"X-Company-Id", "2"}}), "2");
  const std::vector<http::Header> headers{{"X-Company-Id", ""}};
  EXPECT_EQ(company_header({.headers = headers}), std::nullopt);
  const std::vector<http::Header> second{{"X-Company-Id", ""}, {"x-company-id", "2"}};
  EXPECT_EQ(company_header({.headers = second}), "2");
}

}  // namespace
}  // namespace matricula::gate
