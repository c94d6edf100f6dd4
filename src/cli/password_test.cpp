#include "cli/password.h"

#include <array>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace matricula::cli {
namespace {

Result<std::string> piped(const std::string& text) {
  std::array<int, 2> ends = {};
  EXPECT_EQ(::pipe(ends.data()), 0);
  EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  Messages messages(2);
  Result<std::string> read = read_password(messages, ends[0], "not shown");
  ::close(ends[0]);
  return read;
}

TEST(Password, EndsAtTheLastLineFeed) {
  EXPECT_EQ(piped("one\ntwo\n"), "one\ntwo");
  EXPECT_EQ(piped("one\r\n"), "one");
  EXPECT_EQ(piped("no line feed"), "no line feed");
  EXPECT_EQ(piped(""), "");
}

TEST(Password, InputWithoutEndIsNotReadToItsEnd) {
  EXPECT_EQ(piped(std::string(1'024, 'x') + "\r\n")->size(), 1'024U);
  const auto read = piped(std::string(60'000, 'x'));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "a password has at most 1024 bytes");
}

TEST(Password, InputThatCannotBeReadIsAnError) {
  Messages messages(2);
  const auto read = read_password(messages, -1, "");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message,
            "the password cannot be read from standard input: Bad file descriptor");
}

TEST(Password, ATerminalIsAskedAndDoesNotShowWhatIsTyped) {
  int controller = -1;
  int terminal = -1;
  ASSERT_EQ(::openpty(&controller, &terminal, nullptr, nullptr, nullptr), 0);
  Messages messages(terminal);
  Result<std::string> read;
  std::jthread reader([&] { read = read_password(messages, terminal, "Password: "); });
  std::string shown;
  std::array<char, 256> buffer;
  const auto read_shown = [&] {
    const ssize_t size = ::read(controller, buffer.data(), buffer.size());
    shown.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  };
  while (!shown.ends_with("Password: ")) {
    read_shown();
  }
  ASSERT_EQ(::write(controller, "a secret\n", 9), 9);
  reader.join();
  while (!shown.ends_with('\n')) {
    read_shown();
  }
  EXPECT_EQ(read, "a secret");
  EXPECT_EQ(shown, "Password: \r\n");
  termios after = {};
  ASSERT_EQ(::tcgetattr(terminal, &after), 0);
  EXPECT_NE(after.c_lflag & ECHO, 0U);
  ::close(terminal);
  ::close(controller);
}

}  // namespace
}  // namespace matricula::cli
