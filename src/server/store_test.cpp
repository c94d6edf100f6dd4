#include "server/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matricula::server {
namespace {

std::string taken(std::string_view text) {
  const Result<std::string> address = store_address(text);
  return address ? *address : address.error().message;
}

TEST(StoreAddress, OfSqliteIsAsPeopleWriteIt) {
  EXPECT_EQ(taken("sqlite:m.db"), "sqlite:m.db");
  EXPECT_EQ(taken("sqlite://m.db"), "sqlite:m.db");
  EXPECT_EQ(taken("sqlite:///var/m.db"), "sqlite:/var/m.db");
  EXPECT_EQ(taken("sqlite:what?.db"), "sqlite:what?.db");
}

// Each would quietly become the name of a file.
TEST(StoreAddress, WhatOtherProgramsTakeForParametersIsRefused) {
  for (const char* const text : {"sqlite:m.db?mode=ro", "sqlite://m.db?mode=ro", "sqlite://m.db?",
                                 "sqlite:file:m.db", "sqlite:file::memory:?cache=shared"}) {
    EXPECT_EQ(
        taken(text),
        "The address of an SQLite store has no \"file:\" in front, and no parameters behind a "
        "question mark. Use sqlite:FILE.")
        << text;
  }
  for (const char* const text : {"sqlite::memory:", "sqlite://:memory:", "sqlite:///:memory:"}) {
    EXPECT_THAT(taken(text), testing::StartsWith("A store in memory alone")) << text;
  }
}

TEST(StoreAddress, AControlCharacterIsRefused) {
  for (const char* const text : {"sqlite:m.db\n", "sqlite:m.db\r\n", "postgresql://u@h/m\n"}) {
    EXPECT_THAT(taken(text), testing::HasSubstr("a control character")) << text;
  }
  EXPECT_EQ(taken("sqlite:größe.db"), "sqlite:größe.db");
}

}  // namespace
}  // namespace matricula::server
