#include "base/log.h"

#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace matricula {
namespace {

TEST(LogFields, WritesTextAsTextAndNumbersAsNumbers) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const ManualClock clock;
  {
    JsonLogger logger(clock, ends[1], LogLevel::kInfo);
    logger.log(LogLevel::kInfo, "request", {{"path", "a\"b"}, {"status", "200", true}});
  }
  ::close(ends[1]);
  std::string line(200, '\0');
  line.resize(static_cast<std::size_t>(::read(ends[0], line.data(), line.size())));
  ::close(ends[0]);
  EXPECT_EQ(line,
            R"({"time":"2026-01-01T00:00:00Z","level":"info","message":"request",)"
            R"("path":"a\"b","status":200})"
            "\n");
}

}  // namespace
}  // namespace matricula
