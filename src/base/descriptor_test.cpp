#include "base/descriptor.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace matricula {
namespace {

using std::chrono::milliseconds;

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int reader() const { return ends[0]; }
  int writer() const { return ends[1]; }

  std::array<int, 2> ends = {};
};

std::string write_error(int fd) {
  const Result<void> written = write_all(fd, "text");
  return written ? "" : written.error().message;
}

TEST(Descriptor, WhatIsWrittenArrivesWhole) {
  const Pipe pipe;
  const std::string text(20'000, 'x');
  ASSERT_TRUE(write_all(pipe.writer(), text));
  std::string read(text.size(), ' ');
  ASSERT_EQ(::read(pipe.reader(), read.data(), read.size()), 20'000);
  EXPECT_EQ(read, text);
}

TEST(Descriptor, AFullDiskAClosedReaderAndAClosedDescriptorAreErrors) {
  std::signal(SIGPIPE, SIG_IGN);
  const int full = ::open("/dev/full", O_WRONLY);
  EXPECT_EQ(write_error(full), "No space left on device");
  ::close(full);
  EXPECT_EQ(write_error(full), "Bad file descriptor");
  Pipe pipe;
  ::close(std::exchange(pipe.ends[0], -1));
  EXPECT_EQ(write_error(pipe.writer()), "Broken pipe");
}

TEST(Descriptor, AReaderThatDoesNotReadIsWaitedForAsLongAsSaid) {
  const Pipe pipe;
  const std::string text(1'000'000, 'x');
  std::string_view rest = text;
  const auto began = std::chrono::steady_clock::now();
  const Result<void> written = write_within(pipe.writer(), rest, milliseconds(50));
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(50));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kTimeout);
  // A pipe of Linux holds 64 KiB.
  EXPECT_EQ(text.size() - rest.size(), 65'536U);
}

TEST(Descriptor, ADescriptorThatDoesNotBlockIsWaitedForLikewise) {
  const Pipe pipe;
  ::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK);
  const std::string text(100'000, 'x');
  std::string_view rest = text;
  EXPECT_EQ(write_within(pipe.writer(), rest, milliseconds(10)).error().code, ErrorCode::kTimeout);
}

// In a process of its own, whose status says whether all was as it should be.
TEST(Descriptor, ClosedStandardDescriptorsAreOpenedOnDevNullAndRefuseUse) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(0);
    ::close(1);
    ::close(2);
    open_standard_descriptors();
    char byte = 0;
    const bool is_right = ::fcntl(0, F_GETFD) != -1 && ::read(0, &byte, 1) == -1 &&
                          !is_writable(1) && !is_writable(2) && ::open("/dev/null", O_RDONLY) > 2;
    ::_exit(is_right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(Descriptor, OpenStandardDescriptorsStayWhatTheyAre) {
  const Pipe pipe;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe.writer(), 1);
    open_standard_descriptors();
    ::_exit(write_all(1, "kept") ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  std::array<char, 4> read = {};
  ASSERT_EQ(::read(pipe.reader(), read.data(), read.size()), 4);
  EXPECT_EQ(std::string(read.data(), read.size()), "kept");
}

}  // namespace
}  // namespace matricula
