#include "cli/output.h"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace matricula::cli {
namespace {

TEST(Output, AnErrorIsKeptAndWhatFollowsIsDropped) {
  const int full = ::open("/dev/full", O_WRONLY);
  Output out(full);
  out.print("");
  EXPECT_TRUE(out.flush());
  out.print("text");
  const std::string message = "cannot write to standard output: No space left on device";
  EXPECT_EQ(out.flush().error().message, message);
  out.print("more");
  EXPECT_EQ(out.flush().error().message, message);
  ::close(full);
}

TEST(Messages, AReaderThatDoesNotReadIsWaitedForOnce) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Messages messages(ends[1]);
  const std::string line(70'000, 'x');
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    messages.print(line);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, Messages::kPatience * 2);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace matricula::cli
