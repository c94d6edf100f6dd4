#include "parquet/writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace matricula::parquet {
namespace {

// Files are read by other programs in tests/parquet; here is what they would not notice.

std::string file_of(const std::vector<std::string>& texts, WriterOptions options = {}) {
  std::string out;
  Writer writer({{.name = "name"}}, std::move(options));
  for (const std::string& text : texts) {
    writer.text(text);
    writer.end_row(out);
  }
  writer.finish(out);
  return out;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// As often as a value is in a file whose pages are not compressed: in its pages, and twice in the
// statistics of a column whose only value it is.
std::size_t copies(std::size_t distinct, std::size_t rows) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < rows; ++i) {
    texts.push_back(fmt::format("value {}", std::min(i, distinct - 1)));
  }
  return count_of(file_of(texts, {.codec = Codec::kNone}), fmt::format("value {}", distinct - 1));
}

TEST(Writer, AFileBeginsAndEndsWithItsMagic) {
  const std::string file = file_of({});
  EXPECT_TRUE(file.starts_with("PAR1"));
  EXPECT_TRUE(file.ends_with("PAR1"));
}

TEST(Writer, TheSameRowsGiveTheSameBytes) {
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd}) {
    EXPECT_EQ(file_of({"a", "b", "a"}, {.codec = codec}),
              file_of({"a", "b", "a"}, {.codec = codec}));
  }
}

TEST(Writer, ADictionaryIsMadeWhereAtMostHalfOfTheValuesAreDistinct) {
  EXPECT_EQ(copies(2, 4), 1U + 1U);  // once in the dictionary, once as the greatest
  EXPECT_EQ(copies(3, 5), 3U + 1U);  // 3 of 5 are distinct: each row has its own
}

TEST(Writer, GroupsEndAtTheirRows) {
  const std::vector<std::string> rows(7, "a");
  const auto groups = [&](std::size_t rows_max) {
    return count_of(file_of(rows, {.codec = Codec::kNone, .group_rows_max = rows_max}),
                    std::string_view("\x01\0\0\0a", 5));
  };
  EXPECT_EQ(groups(7), 1U);
  EXPECT_EQ(groups(6), 2U);
  EXPECT_EQ(groups(1), 7U);
}

TEST(Writer, AGroupThatTakesMuchMemoryEndsEarly) {
  std::string out;
  Writer writer({{.name = "name"}}, {.codec = Codec::kNone, .group_bytes_max = 100'000});
  std::size_t ended = 0;
  for (std::size_t i = 0; i < 1'000; ++i) {
    const std::size_t before = out.size();
    writer.text(fmt::format("{:>1000}", i));
    writer.end_row(out);
    ended += out.size() > before + 4 ? 1U : 0U;
  }
  EXPECT_EQ(ended, 1'000U / 105U);  // looked at every 7 rows
}

TEST(Writer, AGroupOfLongTextsHoldsASixteenthAndARowMoreAtMost) {
  constexpr std::size_t kBytesMax = 160'000;
  for (const std::size_t length : {3'000UL, 40'000UL, 200'000UL}) {
    std::string out;
    Writer writer({{.name = "name"}, {.name = "text"}},
                  {.codec = Codec::kNone, .group_bytes_max = kBytesMax});
    std::size_t largest = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const std::size_t before = out.size();
      writer.text("x");
      writer.text(fmt::format("{:>{}}", i, length));
      writer.end_row(out);
      largest = std::max(largest, out.size() - before);
    }
    EXPECT_GT(largest, length);
    EXPECT_LT(largest, kBytesMax + kBytesMax / 16 + length + 4'096) << length;
  }
}

// A dictionary that does not pay any more is given up: without a bound, each repetition of a long
// value would be written out.
TEST(Writer, ADictionaryThatIsGivenUpWritesNoMoreThanAGroup) {
  std::string out;
  Writer writer({{.name = "name"}},
                {.codec = Codec::kNone, .group_rows_max = 4'096, .group_bytes_max = 100'000});
  std::size_t largest = 0;
  for (std::size_t i = 0; i < 6'000; ++i) {
    const std::size_t before = out.size();
    writer.text(i < 2'000 ? std::string(1'000, 'x') : fmt::format("{}", i));
    writer.end_row(out);
    largest = std::max(largest, out.size() - before);
  }
  writer.finish(out);
  EXPECT_LT(largest, 110'000U);
  EXPECT_EQ(count_of(out, std::string(1'000, 'x')), 1U);
}

TEST(Writer, MetadataIsInTheFooter) {
  const std::string file =
      file_of({}, {.name = "users", .metadata = {{"matricula.sequence", "812"}}});
  EXPECT_EQ(count_of(file, "matricula.sequence"), 1U);
  EXPECT_EQ(count_of(file, "812"), 1U);
  EXPECT_EQ(count_of(file, "users"), 1U);
}

TEST(Writer, ALongTextHasNoPlaceInTheStatistics) {
  EXPECT_EQ(
      count_of(file_of({std::string(256, 'x')}, {.codec = Codec::kNone}), std::string(256, 'x')),
      3U);
  EXPECT_EQ(
      count_of(file_of({std::string(257, 'x')}, {.codec = Codec::kNone}), std::string(257, 'x')),
      1U);
}

}  // namespace
}  // namespace matricula::parquet
