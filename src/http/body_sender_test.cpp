#include "http/body_sender.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

#include "http/testing_body_pipe.h"

namespace matricula::http {
namespace {

using Framing = BodySender::Framing;
using State = BodySender::Output::State;

constexpr std::string_view kHead = "HEAD|";

// Sends everything that can be sent, `step` bytes at a time; how it ended stands behind it.
std::string send_all(BodySender& sender, std::size_t room_bytes, std::size_t step) {
  std::string room(room_bytes, '\0');
  std::string sent;
  while (true) {
    const BodySender::Output output = sender.peek(room, nullptr);
    switch (output.state) {
      case State::kEnd:
        return sent + "<end>";
      case State::kLater:
        return sent + "<later>";
      case State::kFailed:
        return sent + "<failed>";
      case State::kBytes:
        break;
    }
    std::string all;
    for (const std::string_view part : output.parts) {
      all += part;
    }
    sent += all.substr(0, step);
    sender.consume(std::min(step, all.size()));
  }
}

std::string send_text(std::string text, Framing framing, std::size_t room = 4,
                      std::size_t step = 3) {
  BodySender sender;
  const std::size_t length = text.size();
  sender.start(kHead, text_body(std::move(text)), framing, length);
  return send_all(sender, room, step);
}

TEST(BodySender, SendsTheLengthThatTheHeadGave) {
  for (const std::size_t step : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(send_text("abcdefghi", Framing::kLength, 4, step), "HEAD|abcdefghi<end>");
  }
  EXPECT_EQ(send_text("", Framing::kLength), "HEAD|<end>");
}

TEST(BodySender, SendsChunksThatFitTheRoom) {
  for (const std::size_t step : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(send_text("abcdefghi", Framing::kChunked, 4, step),
              "HEAD|4\r\nabcd\r\n4\r\nefgh\r\n1\r\ni\r\n0\r\n\r\n<end>");
  }
  EXPECT_EQ(send_text("", Framing::kChunked), "HEAD|0\r\n\r\n<end>");
  EXPECT_EQ(send_text("abcdefghijklmnopq", Framing::kChunked, 17, 100),
            "HEAD|11\r\nabcdefghijklmnopq\r\n0\r\n\r\n<end>");
}

TEST(BodySender, SendsThePlainBytesWhereTheConnectionEndsThem) {
  EXPECT_EQ(send_text("abcdefghi", Framing::kClose), "HEAD|abcdefghi<end>");
}

TEST(BodySender, ABodyThatIsShorterThanItsLengthFails) {
  BodySender sender;
  sender.start(kHead, text_body("abc"), Framing::kLength, 4);
  EXPECT_EQ(send_all(sender, 10, 10), "HEAD|abc<failed>");
}

TEST(BodySender, TheHeadDoesNotWaitForTheBody) {
  for (const Framing framing : {Framing::kChunked, Framing::kClose}) {
    auto [writer, source] = make_body_pipe(100);
    BodySender sender;
    sender.start(kHead, std::move(source), framing, 0);
    EXPECT_EQ(send_all(sender, 10, 10), "HEAD|<later>");
    EXPECT_TRUE(writer.write("abc"));
    writer.finish();
    EXPECT_EQ(send_all(sender, 10, 10),
              framing == Framing::kChunked ? "3\r\nabc\r\n0\r\n\r\n<end>" : "abc<end>");
  }
}

TEST(BodyPipe, AWriterThatEndsEarlyFailsTheBody) {
  BodySender sender;
  {
    auto [writer, source] = make_body_pipe(100);
    sender.start(kHead, std::move(source), Framing::kChunked, 0);
    EXPECT_TRUE(writer.write("abc"));
  }
  EXPECT_EQ(send_all(sender, 10, 10), "HEAD|3\r\nabc\r\n<failed>");
}

TEST(BodyPipe, AWriterWaitsWhileTheReaderIsSlow) {
  auto [writer, source] = make_body_pipe(10);
  std::atomic<int> written = 0;
  std::thread producer([&writer = writer, &written] {
    while (writer.write("12345")) {
      ++written;
    }
    EXPECT_TRUE(writer.is_cancelled());
  });
  while (written < 2) {
    std::this_thread::yield();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(written, 2);  // ten bytes wait
  source->consume(source->peek({}, nullptr).bytes.size());
  while (written < 3) {
    std::this_thread::yield();
  }
  source.reset();
  producer.join();
  EXPECT_EQ(written, 3);
}

class SpooledBodies : public ::testing::Test {
 protected:
  void SetUp() override {
    auto spool = spool::Spool::open({.directory = ::testing::TempDir(), .bytes_max = 1'000'000});
    ASSERT_TRUE(spool);
    spool_ = *spool;
  }
  std::shared_ptr<spool::Spool> spool_;
};

TEST_F(SpooledBodies, AFileIsFollowedWhileItGrows) {
  const auto file = spool_->create(1);
  BodySender sender;
  sender.start(kHead, spool_body(file), Framing::kChunked, 0);
  ASSERT_TRUE(file->append("abc"));
  EXPECT_EQ(send_all(sender, 10, 10), "HEAD|3\r\nabc\r\n<later>");
  ASSERT_TRUE(file->append("de"));
  file->finish();
  EXPECT_EQ(send_all(sender, 10, 10), "2\r\nde\r\n0\r\n\r\n<end>");
}

TEST_F(SpooledBodies, ARangeOfAFileHasALength) {
  const auto file = spool_->create(1);
  ASSERT_TRUE(file->append("0123456789"));
  file->finish();
  BodySender sender;
  sender.start(kHead, spool_body(file, 3, 4), Framing::kLength, 4);
  EXPECT_EQ(send_all(sender, 3, 2), "HEAD|3456<end>");
}

TEST_F(SpooledBodies, AnAbandonedFileFails) {
  const auto file = spool_->create(1);
  BodySender sender;
  sender.start(kHead, spool_body(file), Framing::kChunked, 0);
  ASSERT_TRUE(file->append("abc"));
  file->abandon();
  EXPECT_EQ(send_all(sender, 10, 10), "HEAD|3\r\nabc\r\n<failed>");
}

TEST_F(SpooledBodies, StoredBytesComeInTheOrderOfTheirExtents) {
  const auto file = spool_->create(1);
  ASSERT_TRUE(file->append("0123456789"));
  spool::StoredBytes bytes{.file = file,
                           .extents = {{.offset = 7, .length = 3}, {.offset = 0, .length = 2}}};
  bytes.text = "text";
  EXPECT_EQ(bytes.size(), 9U);
  BodySender sender;
  sender.start(kHead, stored_body(std::move(bytes)), Framing::kLength, 9);
  EXPECT_EQ(send_all(sender, 2, 2), "HEAD|78901text<end>");
}

TEST_F(SpooledBodies, AParkedTextGivesItsMemoryBackAndIsSentToTheEnd) {
  spool::Budget budget(1'000'000, 1'000'000);
  std::string text;
  while (text.size() < 100'000) {
    text += std::to_string(text.size());
  }
  const std::string expected = text;
  for (const std::size_t before : {0U, 5U, 10U, 50'000U}) {
    spool::Lease lease(&budget, 1);
    ASSERT_TRUE(lease.resize(text.size()));
    BodySender sender;
    sender.start(kHead, text_body(expected, std::move(lease), spool_, 1), Framing::kLength,
                 expected.size());
    std::string room(1'000, '\0');
    std::string sent;
    while (sent.size() < before) {
      const auto output = sender.peek(room, nullptr);
      sent += std::string(output.parts[0]) + std::string(output.parts[1]).substr(0, 5);
      sender.consume(output.parts[0].size() + std::min<std::size_t>(5, output.parts[1].size()));
    }
    EXPECT_TRUE(sender.park());
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_TRUE(sender.park());
    EXPECT_EQ(sent + send_all(sender, 1'000, 700), "HEAD|" + expected + "<end>");
  }
}

}  // namespace
}  // namespace matricula::http
