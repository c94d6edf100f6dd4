#include "http/connection_bounds.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

TEST(ConnectionBounds, AreAsConfiguredWhereDescriptorsSuffice) {
  EXPECT_EQ(bound_connections(16'000, 0, 1'000'000),
            (ConnectionBounds{.connections = 16'000, .of_address = 12'000, .refusals = 256}));
  EXPECT_EQ(bound_connections(1'000, 10, 1'000 + 256 + 64),
            (ConnectionBounds{.connections = 1'000, .of_address = 10, .refusals = 256}));
}

TEST(ConnectionBounds, LeaveDescriptorsToTheRestOfTheProgram) {
  EXPECT_EQ(bound_connections(1'000, 0, 1'000 + 256 + 63),
            (ConnectionBounds{.connections = 1'000, .of_address = 750, .refusals = 156}));
  EXPECT_EQ(bound_connections(16'000, 0, 224),
            (ConnectionBounds{.connections = 140, .of_address = 105, .refusals = 20}));
  EXPECT_EQ(bound_connections(16'000, 0, 20),
            (ConnectionBounds{.connections = 9, .of_address = 7, .refusals = 1}));
}

TEST(ConnectionBounds, ThereIsAlwaysOneConnection) {
  EXPECT_EQ(bound_connections(16'000, 0, 0),
            (ConnectionBounds{.connections = 1, .of_address = 1, .refusals = 0}));
  EXPECT_EQ(bound_connections(1, 0, 1'000),
            (ConnectionBounds{.connections = 1, .of_address = 1, .refusals = 256}));
}

TEST(ConnectionBounds, DescriptorsThatAreFreeAreCounted) {
  EXPECT_GT(free_descriptors(), 0U);
}

}  // namespace
}  // namespace matricula::http
