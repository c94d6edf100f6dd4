#include "server/module_options.h"

#include <gtest/gtest.h>

namespace matricula::server {
namespace {

std::string said(const Config& config) {
  const Result<void> checked = check_combinations(config);
  return checked ? "fine" : checked.error().message;
}

TEST(Combinations, WhatIsSaidOfAProvidersJwtsNeedsItsKeys) {
  EXPECT_EQ(said({}), "fine");
  const auto needs = [](const std::string& option) {
    return option + " needs the keys of the identity provider; give --jwks";
  };
  EXPECT_EQ(said({.jwt_issuer = "i"}), needs("--jwt-issuer"));
  EXPECT_EQ(said({.jwt_audience = "a"}), needs("--jwt-audience"));
  EXPECT_EQ(said({.jwt_email_verified = true}), needs("--jwt-email-verified"));
  EXPECT_EQ(said({.jwt_lifetime_s = 1}), needs("--jwt-lifetime-s"));
  EXPECT_EQ(said({.jwks = "keys.json", .jwt_issuer = "i", .jwt_audience = "a"}), "fine");
}

TEST(Combinations, TheUrlOfKeysIsHttpOrHttps) {
  const auto of = [](std::string place) {
    return said({.jwks = std::move(place), .jwt_issuer = "i", .jwt_audience = "a"});
  };
  EXPECT_EQ(of("ftp://ada:secret@x"), "--jwks ftp://: a URL begins with http:// or https://");
  EXPECT_EQ(of("file:///keys"), "--jwks file://: a URL begins with http:// or https://");
  EXPECT_EQ(of("HTTPS://x"), "--jwks HTTPS://: a URL begins with http:// or https://");
  EXPECT_EQ(of("https://x/keys"), "fine");
  EXPECT_EQ(of("http://x/keys"), "fine");
  EXPECT_EQ(of("./a://b"), "fine");
  EXPECT_EQ(of("://b"), "fine");
}

}  // namespace
}  // namespace matricula::server
