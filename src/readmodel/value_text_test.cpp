#include "readmodel/value_text.h"

#include <charconv>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "base/time_text.h"
#include "base/uuid.h"

namespace matricula::readmodel {
namespace {

using Buffer = std::array<char, 128>;

std::string shortest(double value) {
  std::array<char, 64> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string real_text(double value) {
  Buffer buffer;
  return {buffer.data(), put_real(buffer.data(), value)};
}

TEST(ValueText, NumbersHaveTheirShortestText) {
  for (std::uint32_t hundredths = 0; hundredths < 10'100'000; hundredths += 7) {
    const double value = hundredths / 100.0;
    ASSERT_EQ(real_text(value), shortest(value));
  }
  for (std::uint32_t hundredths = 0; hundredths < 20'000; ++hundredths) {
    ASSERT_EQ(real_text(hundredths / 100.0), shortest(hundredths / 100.0));
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const double value = static_cast<double>(random() % 100'000'000'000) / 7e5;
    ASSERT_EQ(real_text(value), shortest(value));
    ASSERT_EQ(real_text(-value), shortest(-value));
  }
  for (const double value : {0.0, -0.0, 0.001, 0.005, 99'999.0, 99'999.99, 100'000.0, 1e15, 1e-7,
                             0.1 + 0.2, 1e22, 5e-324}) {
    EXPECT_EQ(real_text(value), shortest(value));
  }
}

TEST(ValueText, TimesAreThoseOfTimeText) {
  DateTexts dates;
  std::mt19937_64 random(2);
  for (int i = 0; i < 200'000; ++i) {
    Timestamp time =
        static_cast<Timestamp>(random() % 400'000'000'000'000'000) - 100'000'000'000'000'000;
    static constexpr Timestamp kUnits[] = {1, 10, 1'000, 1'000'000, 86'400'000'000};
    time -= time % kUnits[random() % 5];
    Buffer buffer;
    const std::string text(buffer.data(), put_time(buffer.data(), time, dates));
    ASSERT_EQ(text, "\"" + time_text(time) + "\"");
  }
}

TEST(ValueText, IdsAreThoseOfUuidText) {
  std::mt19937 random(3);
  for (int i = 0; i < 1'000; ++i) {
    UuidBytes uuid;
    for (std::byte& byte : uuid) {
      byte = static_cast<std::byte>(random() % 256);
    }
    Buffer buffer;
    const std::string text(buffer.data(), put_uuid(buffer.data(), uuid.data()));
    ASSERT_EQ(text, "\"" + uuid_text(uuid) + "\"");
  }
}

}  // namespace
}  // namespace matricula::readmodel
