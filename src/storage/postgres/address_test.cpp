#include "storage/postgres/address.h"

#include <cstdlib>
#include <gtest/gtest.h>

#include "storage/postgres/hosts.h"

namespace matricula::storage::postgres {
namespace {

std::string shown(std::string_view url) {
  const Result<Address> address = parse_address(url);
  return address ? address->shown : address.error().message;
}

TEST(Address, IsShownAsItCanBeWrittenAndWithoutAPassword) {
  EXPECT_EQ(shown("postgresql://me:secret@db/m"), "postgresql://db:5432/m");
  EXPECT_EQ(shown("postgresql://one,two:5433/m"), "postgresql://one:5432,two:5433/m");
  EXPECT_EQ(shown("postgresql://[::1]:5434/m"), "postgresql://[::1]:5434/m");
  EXPECT_EQ(shown("postgresql://"), "postgresql://(local):5432/(default)");
  EXPECT_EQ(shown("postgresql://?service=reports"), "postgresql://?service=reports");
}

TEST(Address, TakesFromTheEnvironmentWhatItLacks) {
  setenv("PGHOST", "db.example", 1);
  setenv("PGPORT", "6000", 1);
  setenv("PGDATABASE", "learning", 1);
  EXPECT_EQ(shown("postgresql://"), "postgresql://db.example:6000/learning");
  EXPECT_EQ(shown("postgresql://other/m"), "postgresql://other:6000/m");
  unsetenv("PGHOST");
  unsetenv("PGPORT");
  unsetenv("PGDATABASE");
}

TEST(Address, AParameterThatIsNotKnownIsNamed) {
  for (const std::string url : {"postgresql://u:secret@h/m?schema=public",
                                "postgresql://u:secret@h/m?sslmode=prefer&schema=public&x=y"}) {
    EXPECT_EQ(shown(url),
              "PostgreSQL knows no parameter \"schema\" of an address. Take it away; those there "
              "are: PostgreSQL's manual, \"Parameter Key Words\".");
  }
}

// What stands behind a question mark may be a part of a password.
TEST(Address, NothingOfAPasswordIsNamed) {
  for (const std::string url : {"postgresql://u:p?secret=x@h/m", "postgresql://u:secret%zz@h/m",
                                "postgresql://u:p?x&secret@h/m?schema=public"}) {
    const std::string message = shown(url);
    EXPECT_EQ(message.find("secret"), std::string::npos) << message;
  }
}

TEST(Hosts, OfAServiceAreForLibpqToFind) {
  setenv("PGPORT", "6000", 1);
  const auto hosts =
      hosts_of(parse_address("postgresql://?service=reports").value(), std::chrono::seconds(1));
  unsetenv("PGPORT");
  ASSERT_EQ(hosts->size(), 1U);
  EXPECT_EQ(hosts->front().host + hosts->front().hostaddr + hosts->front().port, "");
}

}  // namespace
}  // namespace matricula::storage::postgres
