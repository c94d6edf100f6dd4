#include "base/time_text.h"

#include <gtest/gtest.h>

namespace matricula {
namespace {

TEST(TimeText, WritesAsFewFractionDigitsAsNeeded) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_text(1'500'000), "1970-01-01T00:00:01.5Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(TimeText, WritesTheNearestTimeForWhatHasNoText) {
  EXPECT_EQ(time_text(253'402'300'799'999'999), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(time_text(253'402'300'800'000'000), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(time_text(INT64_MAX), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(time_text(-62'167'219'200'000'000), "0000-01-01T00:00:00Z");
  EXPECT_EQ(time_text(-62'167'219'200'000'001), "0000-01-01T00:00:00Z");
  EXPECT_EQ(time_text(INT64_MIN), "0000-01-01T00:00:00Z");
}

TEST(TimeText, ReadsAnyOffsetAndCutsBelowTheMicrosecond) {
  EXPECT_EQ(parse_time("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(parse_time("1970-01-01t00:00:00.1234569z"), 123'456);
  EXPECT_EQ(time_text(*parse_time("9999-12-31T23:59:59.999999Z")), "9999-12-31T23:59:59.999999Z");
}

TEST(TimeText, ALeapSecondIsTheLastMicrosecondOfItsMinute) {
  for (const char* text :
       {"2016-12-31T23:59:60Z", "2016-12-31T23:59:60.0Z", "2016-12-31T23:59:60.75Z",
        "2017-01-01T00:59:60+01:00", "2016-12-31T15:59:60-08:00", "2017-01-01T05:29:60+05:30"}) {
    ASSERT_TRUE(parse_time(text).has_value()) << text;
    EXPECT_EQ(time_text(*parse_time(text)), "2016-12-31T23:59:59.999999Z") << text;
  }
  EXPECT_EQ(time_text(*parse_time("1969-12-31T23:59:60Z")), "1969-12-31T23:59:59.999999Z");
  for (const char* text : {"2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-31T23:59:61Z",
                           "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:60.Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(TimeText, RefusesWhatIsNoDateTime) {
  for (const char* text :
       {"", "2024-01-01", "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+1:00",
        "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01", "2024-01-01T00:00:00Zx"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(Duration, AcceptsIso8601AndNothingElse) {
  for (const char* text : {"P30D", "P1Y2M", "PT2H30M", "P2W", "PT0.5S", "P1DT12H"}) {
    EXPECT_TRUE(is_iso8601_duration(text)) << text;
  }
  for (const char* text :
       {"", "P", "PT", "30D", "P30", "P1DT", "P1M1Y", "PT1D", "P1.5Y2M", "P-1D"}) {
    EXPECT_FALSE(is_iso8601_duration(text)) << text;
  }
}

}  // namespace
}  // namespace matricula
