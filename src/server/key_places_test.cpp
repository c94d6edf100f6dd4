#include "server/key_places.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "storage/testing.h"

namespace matricula::server {
namespace {

namespace fs = std::filesystem;
using Files = std::vector<std::string>;

struct KeyPlaces : testing::Test {
  storage::TempDirectory directory;
  std::string store = directory.file("store.db");
};

TEST_F(KeyPlaces, TheKeyFileOfAStoreIsBesideIt) {
  std::ofstream(store) << "a store";
  EXPECT_EQ(key_places_of("sqlite:" + store, "").files, Files{store + "-keys"});
  EXPECT_EQ(key_places_of("sqlite:" + store, "/given").files, Files{"/given"});
}

// Whoever opens the store by another name finds the same keys.
TEST_F(KeyPlaces, TheKeyFileOfALinkedStoreIsBesideTheStoreOrElseBesideTheLink) {
  std::ofstream(store) << "a store";
  const std::string real = fs::canonical(store).string();
  const std::string link = directory.file("link.db");
  const std::string second = directory.file("second.db");
  fs::create_symlink("store.db", link);
  fs::create_symlink(link, second);
  EXPECT_EQ(key_places_of("sqlite:" + link, "").files, (Files{real + "-keys", link + "-keys"}));
  EXPECT_EQ(key_places_of("sqlite:" + second, "").files, (Files{real + "-keys", second + "-keys"}));
  fs::remove(store);
  EXPECT_EQ(key_places_of("sqlite:" + link, "").files, Files{link + "-keys"});
}

}  // namespace
}  // namespace matricula::server
