// What an operator reads when no connection can be made; what the server and libpq say is theirs.
#include "storage/postgres/connect_error.h"

#include <gtest/gtest.h>

#include "storage/postgres/address.h"

namespace matricula::storage::postgres {
namespace {

class ConnectError : public testing::Test {
 protected:
  Error of(std::string_view text) const { return connect_error(text, address_); }

  Address address_ = parse_address("postgresql://ann:secret@db.example/learning").value();
};

TEST_F(ConnectError, AWrongPasswordIsCalledThatInEveryLanguageOfTheServer) {
  const Error error =
      of("connection to server at \"127.0.0.1\", port 5432 failed: SCHWERWIEGEND:  28P01: "
         "Passwort-Authentifizierung für Benutzer »ann« fehlgeschlagen\nLOCATION:  auth_failed, "
         "auth.c:335\n");
  EXPECT_EQ(error.message, "The password of the role \"ann\" is wrong, or there is no such role.");
  EXPECT_FALSE(may_mend_itself(error));
}

TEST_F(ConnectError, OfTwoAttemptsTheFirstIsTheOneToTell) {
  const Error error =
      of("connection to server at \"h\" (::1), port 5432 failed: FATAL:  28P01: password "
         "authentication failed for user \"ann\"\nLOCATION:  x\nconnection to server at \"h\" "
         "(::1), port 5432 failed: FATAL:  28000: no pg_hba.conf entry for host \"::1\", no "
         "encryption\nLOCATION:  y\n");
  EXPECT_EQ(error.message, "The password of the role \"ann\" is wrong, or there is no such role.");
}

TEST_F(ConnectError, WhatTheServerRefusesIsSaidInItsWords) {
  EXPECT_EQ(of("FATAL:  28000: no pg_hba.conf entry for host \"10.1.2.3\", user \"ann\"\n").message,
            "The server refuses the role \"ann\": no pg_hba.conf entry for host \"10.1.2.3\", user "
            "\"ann\".");
  EXPECT_EQ(of("FATAL:  28000: role \"ann\" does not exist\n").message,
            "The server refuses the role \"ann\": role \"ann\" does not exist.");
  const Error missing = of("FATAL:  3D000: database \"learning\" does not exist\n");
  EXPECT_EQ(missing.message,
            "There is no such database: database \"learning\" does not exist. Make it with CREATE "
            "DATABASE, or correct the address.");
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  EXPECT_EQ(of("FATAL:  08P01: no such database: learning\n").message,
            "There is no such database: no such database: learning.");
}

TEST_F(ConnectError, WhatPassesIsWaitedFor) {
  for (const char* text :
       {"connection to server at \"h\", port 1 failed: Connection refused\n\tIs the server "
        "running?\n",
        "FATAL:  57P03: the database system is starting up\n",
        "FATAL:  53300: sorry, too many clients already\n", "server closed the connection\n",
        "session is read-only\n"}) {
    EXPECT_TRUE(may_mend_itself(of(text))) << text;
  }
  EXPECT_EQ(
      of("connection to server at \"h\", port 1 failed: Connection refused\n\tIs it?\n").message,
      "The server cannot be reached: Connection refused.");
}

TEST_F(ConnectError, ATlsConnectionThatIsRefusedIsCalledThat) {
  const Error error =
      of("connection to server at \"h\", port 1 failed: server does not support SSL, but SSL was "
         "required\n");
  EXPECT_EQ(error.message,
            "No TLS connection can be made: server does not support SSL, but SSL was required.");
  EXPECT_FALSE(may_mend_itself(error));
}

TEST_F(ConnectError, AMissingPasswordIsAskedFor) {
  EXPECT_EQ(
      of("connection to server at \"h\", port 1 failed: fe_sendauth: no password "
         "supplied\n")
          .message,
      "The server asks for the password of the role \"ann\", and there is none. Write it into "
      "the address, PGPASSWORD or a password file.");
}

}  // namespace
}  // namespace matricula::storage::postgres
