#include "dataapi/changes_request.h"

#include <gtest/gtest.h>

namespace matricula::dataapi {
namespace {

const records::SequenceState kState{.last = 100, .oldest = 40, .epoch = "e-1"};

Result<ChangesRequest> request(std::string_view query) {
  MATRICULA_TRY(const http::Parameters parameters,
                http::Parameters::read(query, changes_parameters()));
  return read_changes_request(parameters);
}

std::string error_of(std::string_view query) {
  const auto read = request(query);
  return read ? "none" : std::string(error_name(read.error().code)) + " " + read.error().message;
}

std::string fate_of(std::string_view query) {
  const auto lost = lost_position(request(query).value(), kState);
  return !lost ? "goes on" : lost->is_expired ? "expired" : "reset";
}

std::string next_of(std::string_view query, std::int64_t next) {
  return next_target(request(query).value(), kState, next);
}

TEST(ChangesRequest, WhatIsOutOfBoundsIsRefusedWithThem) {
  EXPECT_EQ(error_of("after=0&limit=100000&wait=60"), "none");
  EXPECT_EQ(error_of("limit=0"),
            "BAD_USER_INPUT limit must be an integer from 1 to 100000; \"0\" was given.");
  EXPECT_EQ(error_of("limit=100001"),
            "BAD_USER_INPUT limit must be an integer from 1 to 100000; \"100001\" was given.");
  EXPECT_EQ(error_of("wait=61"),
            "BAD_USER_INPUT wait must be an integer from 0 to 60; \"61\" was given.");
  EXPECT_EQ(error_of("after=-1"),
            "BAD_USER_INPUT after must be an integer from 0 to 9223372036854775807; \"-1\" was "
            "given.");
  EXPECT_EQ(error_of("tables=users,people").substr(0, 36),
            "NOT_FOUND There is no table \"people\"");
  EXPECT_EQ(error_of("tables=").substr(0, 30), "NOT_FOUND There is no table \"\"");
}

TEST(ChangesRequest, TablesAreTakenOnceInTheirOrder) {
  EXPECT_EQ(request("tables=users,companies,users")->tables,
            (std::vector{records::EntityId::kCompanies, records::EntityId::kUsers}));
  EXPECT_EQ(request("")->tables.size(), records::kEntityCount);
}

TEST(ChangesRequest, APositionIsLostWhenDeletesSinceAreForgotten) {
  EXPECT_EQ(fate_of("after=40"), "goes on");
  EXPECT_EQ(fate_of("after=39"), "expired");
  EXPECT_EQ(fate_of("after=100"), "goes on");
  EXPECT_EQ(fate_of("after=101"), "reset");
  EXPECT_EQ(fate_of("after=50&epoch=e-1"), "goes on");
  EXPECT_EQ(fate_of("after=50&epoch=e-2"), "reset");
  EXPECT_EQ(fate_of("after=39&epoch=e-2"), "reset");
}

TEST(ChangesRequest, AFirstLoadDoesNotExpireBetweenItsPages) {
  EXPECT_EQ(fate_of("after=0"), "goes on");
  EXPECT_EQ(fate_of("after=5&began=60"), "goes on");
  EXPECT_EQ(fate_of("after=5&began=39"), "expired");
  EXPECT_EQ(fate_of("after=5&began=101"), "reset");
  EXPECT_EQ(deletes_after(*request("")), std::nullopt);
  EXPECT_EQ(deletes_after(*request("after=5&began=60")), 60);
  EXPECT_EQ(deletes_after(*request("after=70&began=60")), 70);
}

TEST(ChangesRequest, TheNextRequestIsWhole) {
  EXPECT_EQ(next_of("", 20), "/data/v1/changes?after=20&began=100&epoch=e-1");
  EXPECT_EQ(next_of("after=20&began=90", 50), "/data/v1/changes?after=50&began=90&epoch=e-1");
  EXPECT_EQ(next_of("after=20&began=90", 90), "/data/v1/changes?after=90&epoch=e-1");
  EXPECT_EQ(next_of("", 100), "/data/v1/changes?after=100&epoch=e-1");
  EXPECT_EQ(next_of("after=60&limit=7&tables=users,programs&wait=5&company=a%26b", 61),
            "/data/v1/changes?after=61&limit=7&tables=users%2Cprograms&wait=5&company=a%26b&"
            "epoch=e-1");
}

}  // namespace
}  // namespace matricula::dataapi
