#include "spool/spool.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

namespace matricula::spool {
namespace {

constexpr std::uint64_t kBlock = Spool::kBlockBytes;

std::shared_ptr<Spool> make_spool(std::uint64_t blocks, std::uint64_t share_blocks) {
  auto spool = Spool::open({.directory = ::testing::TempDir(),
                            .bytes_max = blocks * kBlock,
                            .share_max = share_blocks * kBlock});
  return spool ? *spool : nullptr;
}

std::string pattern(std::size_t size, std::size_t from = 0) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>('a' + (from + i) * 31 % 26);
  }
  return text;
}

std::string read_all(const SpoolFile& file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  const auto count = file.read(offset, text);
  text.resize(count ? *count : 0);
  return text;
}

TEST(Budget, HasABoundForAllAndOneForEachOwner) {
  Budget budget(100, 60);
  EXPECT_TRUE(budget.take(1, 60));
  EXPECT_FALSE(budget.take(1, 1));
  EXPECT_TRUE(budget.take(2, 40));
  EXPECT_FALSE(budget.take(2, 1));
  EXPECT_FALSE(budget.has_room(3, 1));
  budget.give_back(1, 10);
  EXPECT_TRUE(budget.has_room(3, 10));
  EXPECT_FALSE(budget.has_room(3, 11));
  EXPECT_EQ(budget.used(), 90U);
}

TEST(Lease, GivesBackWhatItHolds) {
  Budget budget(100, 100);
  {
    Lease lease(&budget, 1);
    EXPECT_TRUE(lease.resize(70));
    EXPECT_FALSE(lease.resize(101));
    EXPECT_EQ(lease.bytes(), 70U);
    Lease other = std::move(lease);
    EXPECT_TRUE(other.resize(50));
    EXPECT_EQ(budget.used(), 50U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(Spool, GivesBackTheBytesFromAnyPlace) {
  const auto spool = make_spool(8, 8);
  const auto file = spool->create(1);
  const std::string text = pattern(3 * kBlock + 100);
  ASSERT_TRUE(file->append(text.substr(0, 10)));
  ASSERT_TRUE(file->append(text.substr(10)));
  file->finish();
  EXPECT_EQ(file->size(), text.size());
  EXPECT_EQ(read_all(*file, 0, text.size()), text);
  EXPECT_EQ(read_all(*file, kBlock - 1, 2), text.substr(kBlock - 1, 2));
  EXPECT_EQ(read_all(*file, text.size() - 1, 50), text.substr(text.size() - 1));
  EXPECT_EQ(read_all(*file, text.size(), 50), "");
}

TEST(Spool, IsFullAtItsBoundAndHasRoomAgainAfterwards) {
  const auto spool = make_spool(2, 2);
  auto file = spool->create(1);
  ASSERT_TRUE(file->append(pattern(2 * kBlock)));
  const auto one_more = file->append("x");
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(read_all(*file, 0, 2 * kBlock), pattern(2 * kBlock));
  file.reset();
  EXPECT_EQ(spool->budget().used(), 0U);
  EXPECT_TRUE(spool->create(1)->append(pattern(2 * kBlock)));
}

TEST(Spool, KeepsAPartForOthers) {
  const auto spool = make_spool(3, 2);
  const auto file = spool->create(1);
  ASSERT_TRUE(file->append(pattern(2 * kBlock)));
  EXPECT_FALSE(file->append("x"));
  EXPECT_TRUE(spool->create(2)->append("x"));
}

TEST(Spool, TrimmedBlocksAreUsedAgain) {
  const auto spool = make_spool(4, 4);
  const auto kept = spool->create(1);
  ASSERT_TRUE(kept->append(pattern(kBlock)));
  ASSERT_TRUE(spool->create(1)->append(pattern(3 * kBlock)));
  spool->trim();
  const auto file = spool->create(1);
  ASSERT_TRUE(file->append(pattern(3 * kBlock, 7)));
  EXPECT_EQ(read_all(*file, 0, 3 * kBlock), pattern(3 * kBlock, 7));
  EXPECT_EQ(read_all(*kept, 0, kBlock), pattern(kBlock));
}

TEST(Spool, LeavesNoNameInItsDirectory) {
  const std::string directory = ::testing::TempDir() + "/spool_names";
  std::filesystem::create_directory(directory);
  const auto spool = Spool::open({.directory = directory});
  ASSERT_TRUE(spool);
  EXPECT_TRUE((*spool)->create(1)->append("x"));
  EXPECT_TRUE(std::filesystem::is_empty(directory));
}

TEST(Spool, NamesTheDirectoryThatCannotBeUsed) {
  const auto spool = Spool::open({.directory = "/does/not/exist"});
  ASSERT_FALSE(spool);
  EXPECT_EQ(spool.error().message,
            "No temporary file can be made in \"/does/not/exist\" (No such file or directory). "
            "Name a directory that can be written with --spool-dir.");
}

// Wakes a thread that waits.
class Bell final : public Waker {
 public:
  void wake() override {
    rung_.store(true);
    rung_.notify_all();
  }
  void wait() {
    rung_.wait(false);
    rung_.store(false);
  }

 private:
  std::atomic<bool> rung_ = false;
};

// Notes how much of a file was there when it was woken.
class SizeSeen final : public Waker {
 public:
  explicit SizeSeen(const SpoolFile& file) : file_(file) {}
  void wake() override { sizes.push_back(file_.size()); }
  std::vector<std::uint64_t> sizes;

 private:
  const SpoolFile& file_;
};

// What a reader sees when it is woken by an append of three blocks to a spool of so many.
std::vector<std::uint64_t> sizes_when_woken(std::uint64_t blocks) {
  const auto spool = make_spool(blocks, blocks);
  const auto file = spool->create(1);
  const auto seen = std::make_shared<SizeSeen>(*file);
  EXPECT_FALSE(file->is_ready(0, seen));
  EXPECT_EQ(file->append(pattern(3 * kBlock)).has_value(), blocks >= 3);
  return seen->sizes;
}

TEST(Spool, WakesOnceWhenAllThatThereIsRoomForIsThere) {
  EXPECT_EQ(sizes_when_woken(4), (std::vector<std::uint64_t>{3 * kBlock}));
  EXPECT_EQ(sizes_when_woken(2), (std::vector<std::uint64_t>{2 * kBlock}));
}

// Reads from `offset` to the end, waiting for what is not there yet.
std::string follow(const SpoolFile& file, std::uint64_t offset) {
  std::string text;
  std::array<char, 1'000> room{};
  const auto bell = std::make_shared<Bell>();
  while (true) {
    const auto state = file.state();
    const auto count = file.read(offset + text.size(), room);
    if (!count) {
      return "failed";
    }
    text.append(room.data(), *count);
    if (*count == 0) {
      if (state != SpoolFile::State::kGrowing) {
        return state == SpoolFile::State::kFinished ? text : "abandoned";
      }
      if (!file.is_ready(offset + text.size(), bell)) {
        bell->wait();
      }
    }
  }
}

TEST(Spool, SeveralReadersFollowAFileThatGrows) {
  const auto spool = make_spool(64, 64);
  const auto file = spool->create(1);
  const std::string text = pattern(10 * kBlock + 17);
  std::vector<std::string> read(3);
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < read.size(); ++i) {
    readers.emplace_back([&, i] { read[i] = follow(*file, i * 70'000); });
  }
  for (std::size_t at = 0; at < text.size(); at += 12'345) {
    ASSERT_TRUE(file->append(text.substr(at, 12'345)));
  }
  file->finish();
  for (std::size_t i = 0; i < read.size(); ++i) {
    readers[i].join();
    EXPECT_EQ(read[i], text.substr(i * 70'000));
  }
}

TEST(Spool, ReadersKnowThatTheRestIsMissing) {
  const auto spool = make_spool(2, 2);
  const auto file = spool->create(1);
  ASSERT_TRUE(file->append("half"));
  std::thread writer([&] { file->abandon(); });
  EXPECT_EQ(follow(*file, 0), "abandoned");
  writer.join();
}

}  // namespace
}  // namespace matricula::spool
