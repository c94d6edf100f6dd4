#include "execution/answer.h"

#include <gtest/gtest.h>
#include <thread>

namespace matricula::execution {
namespace {

constexpr std::string_view kAdvice = "Ask for less.";
constexpr std::uint64_t kMiB = 1024 * 1024;

std::string whole(const spool::StoredBytes& bytes) {
  std::string text;
  for (const spool::Extent& extent : bytes.extents) {
    std::string part(extent.length, '\0');
    EXPECT_EQ(bytes.file->read(extent.offset, part).value_or(0), extent.length);
    text += part;
  }
  return text + bytes.text;
}

class AnswerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto spool = spool::Spool::open({.directory = ::testing::TempDir(), .bytes_max = 64 * kMiB});
    ASSERT_TRUE(spool);
    spool_ = *spool;
  }

  // Two lists whose rows are written in turns, between other text.
  static Result<void> write(Answer& answer, int rows, std::size_t row_bytes, bool reversed) {
    answer.text() += "<";
    answer.begin_lists(2, reversed);
    for (int row = 0; row < rows; ++row) {
      for (const std::size_t list : {0U, 1U}) {
        answer.begin_row(list) += row_text(row, list, row_bytes);
        MATRICULA_CHECK(answer.end_row(list, kAdvice));
      }
    }
    MATRICULA_CHECK(answer.place_list(1));
    answer.text() += "|";
    MATRICULA_CHECK(answer.place_list(0));
    answer.text() += ">";
    return {};
  }

  static std::string expected(int rows, std::size_t row_bytes, bool reversed) {
    std::string text = "<";
    for (const std::size_t list : {1U, 0U}) {
      for (int i = 0; i < rows; ++i) {
        text += i == 0 ? "" : ",";
        text += row_text(reversed ? rows - 1 - i : i, list, row_bytes);
      }
      text += list == 1 ? "|" : ">";
    }
    return text;
  }

  static std::string row_text(int row, std::size_t list, std::size_t bytes) {
    std::string text = std::to_string(list) + ":" + std::to_string(row) + "=";
    text.resize(std::max(text.size(), bytes), static_cast<char>('a' + row % 26));
    return text;
  }

  ManualClock clock_;
  spool::Budget memory_{64 * kMiB, 32 * kMiB};
  std::shared_ptr<spool::Spool> spool_;
};

TEST_F(AnswerTest, KeepsTheOrderOfItsListsWhereverTheyAre) {
  Answer answer(clock_, {.memory = &memory_, .spool = spool_});
  for (const bool reversed : {false, true}) {
    for (const int rows : {0, 1, 2, 3, 50, 100, 1'000}) {
      for (const std::size_t row_bytes : {1U, 100U, 9'000U}) {
        answer.begin({});
        ASSERT_TRUE(write(answer, rows, row_bytes, reversed));
        const spool::StoredBytes bytes = answer.take();
        const std::string text = expected(rows, row_bytes, reversed);
        EXPECT_EQ(bytes.size(), text.size());
        EXPECT_TRUE(whole(bytes) == text) << rows << " rows of " << row_bytes;
      }
    }
  }
  EXPECT_EQ(memory_.used(), 0U);
  EXPECT_EQ(spool_->budget().used(), 0U);
}

TEST_F(AnswerTest, ALargeOneIsInMemoryInASmallPartOnly) {
  Answer answer(clock_, {.memory = &memory_, .spool = spool_});
  answer.begin({});
  for (int i = 0; i < 4'000; ++i) {
    answer.text() += std::string(8'000, 'x');
    ASSERT_TRUE(answer.settle(kAdvice));
    EXPECT_LE(answer.text().size(), Answer::kMemoryBytes);
    EXPECT_LE(memory_.used(), 2 * kMiB);
  }
  const spool::StoredBytes bytes = answer.take();
  EXPECT_EQ(bytes.size(), 32'000'000U);
  EXPECT_GE(spool_->budget().used(), 31'000'000U);
}

TEST_F(AnswerTest, CountsAllItsPartsAgainstTheLimit) {
  Answer answer(clock_, {.memory = &memory_, .spool = spool_});
  answer.begin({.bytes_max = 1'000'000});
  answer.begin_lists(2, false);
  for (int i = 0; i < 500; ++i) {
    for (const std::size_t list : {0U, 1U}) {
      answer.begin_row(list) += std::string(999, 'x');
      ASSERT_TRUE(answer.end_row(list, kAdvice));
    }
  }
  answer.text() += "x";
  const auto refused = answer.settle(kAdvice);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(refused.error().message,
            "The answer would be larger than 1000000 bytes, the limit \"response-bytes\" of this "
            "server. Ask for less.");
  answer.drop();
  EXPECT_EQ(spool_->budget().used(), 0U);
  answer.text() += "error";
  EXPECT_EQ(whole(answer.take()), "error");
}

Result<void> fill(Answer& answer, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += 1'000) {
    answer.text() += std::string(1'000, 'x');
    MATRICULA_CHECK(answer.settle(kAdvice));
  }
  return {};
}

TEST_F(AnswerTest, WithoutRoomAnywhereItIsRefusedForNow) {
  spool::Budget little(1 * kMiB, 512 * 1024);
  auto full = spool::Spool::open(
      {.directory = ::testing::TempDir(), .bytes_max = kMiB, .share_max = kMiB / 2});
  ASSERT_TRUE(full);
  for (const auto& spool : {std::shared_ptr<spool::Spool>(), *full}) {
    Answer answer(clock_, {.memory = &little, .spool = spool});
    answer.begin({});
    const auto refused = fill(answer, 4 * kMiB);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(refused.error().message,
              "The server holds too many large answers that are not read yet; try again later.");
    answer.drop();
    EXPECT_EQ(little.used(), 0U);
    EXPECT_EQ((*full)->budget().used(), 0U);
  }
}

TEST_F(AnswerTest, WaitsForRoomThatAnotherGivesBackAndNoLongerThanItMay) {
  spool::Budget little(2 * kMiB, 2 * kMiB);
  spool::Lease other(&little, 2);
  ASSERT_TRUE(other.resize(2 * kMiB));
  Answer answer(clock_, {.memory = &little});
  answer.begin({.owner = 1, .room_wait = std::chrono::milliseconds(20)});
  EXPECT_FALSE(fill(answer, 100'000));
  std::thread giver([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    other.reset();
  });
  answer.begin({.owner = 1, .room_wait = std::chrono::seconds(20)});
  EXPECT_TRUE(fill(answer, 100'000));
  giver.join();
  ASSERT_TRUE(other.resize(kMiB));
  // A cancelled request does not wait for room.
  const std::atomic<bool> cancelled = true;
  answer.begin({.owner = 1, .cancelled = &cancelled, .room_wait = std::chrono::hours(1)});
  EXPECT_FALSE(fill(answer, 2 * kMiB));
}

TEST_F(AnswerTest, OneOwnerLeavesRoomForAnother) {
  auto half = spool::Spool::open(
      {.directory = ::testing::TempDir(), .bytes_max = 4 * kMiB, .share_max = 2 * kMiB});
  ASSERT_TRUE(half);
  Answer first(clock_, {.memory = &memory_, .spool = *half});
  first.begin({.owner = 1});
  EXPECT_FALSE(fill(first, 3 * kMiB));
  Answer second(clock_, {.memory = &memory_, .spool = *half});
  second.begin({.owner = 2});
  EXPECT_TRUE(fill(second, 2 * kMiB));
}

TEST_F(AnswerTest, IsNotWrittenBeyondTheDeadlineNorForNobody) {
  Answer answer(clock_, {});
  answer.begin({.deadline = clock_.monotonic() + std::chrono::seconds(10)});
  ASSERT_TRUE(fill(answer, 100'000));
  clock_.advance(std::chrono::seconds(10));
  const auto late = fill(answer, 100'000);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);

  std::atomic<bool> cancelled = false;
  answer.begin({.cancelled = &cancelled});
  ASSERT_TRUE(fill(answer, 100'000));
  cancelled = true;
  EXPECT_FALSE(fill(answer, 100'000));
}

}  // namespace
}  // namespace matricula::execution
