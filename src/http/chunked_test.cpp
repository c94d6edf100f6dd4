#include "http/chunked.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

using State = ChunkDecoder::State;
constexpr ChunkDecoder::Limits kLimits{.body_bytes_max = 20, .overhead_bytes_max = 64};

struct Decoded {
  State state;
  std::string body;
  std::string rest;

  bool operator==(const Decoded&) const = default;
};

// Feeds the input in pieces of that size.
Decoded decode(std::string_view input, std::size_t piece) {
  ChunkDecoder decoder;
  Decoded decoded{.state = State::kNeedMore, .body = {}, .rest = {}};
  while (decoded.state == State::kNeedMore && !input.empty()) {
    std::string_view part = input.substr(0, piece);
    input.remove_prefix(part.size());
    decoded.state = decoder.decode(part, decoded.body, kLimits);
    decoded.rest = part;
  }
  decoded.rest += input;
  return decoded;
}

State state_of(std::string_view input) {
  const State whole = decode(input, input.size()).state;
  EXPECT_EQ(decode(input, 1).state, whole) << input;
  return whole;
}

TEST(ChunkDecoder, PiecesOfAnySizeGiveTheSameBody) {
  const std::string_view input = "5\r\nhello\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    EXPECT_EQ(decode(input, piece), (Decoded{State::kDone, "hello0123456789", "GET"})) << piece;
  }
}

TEST(ChunkDecoder, AnEmptyBodyIsOneChunk) {
  EXPECT_EQ(state_of("0\r\n\r\n"), State::kDone);
  EXPECT_EQ(state_of("0\r\n\r"), State::kNeedMore);
}

TEST(ChunkDecoder, BlanksMayBeInFrontOfAnExtension) {
  EXPECT_EQ(state_of("1 \t;x = y\r\na\r\n0\r\n\r\n"), State::kDone);
  EXPECT_EQ(state_of("1 2;x\r\n"), State::kMalformed);
}

TEST(ChunkDecoder, SizesAreHexDigitsAlone) {
  for (const std::string_view bad :
       {"0x2\r\n", "+2\r\n", "-2\r\n", " 2\r\n", "2 \r\n", "\r\n", ";x\r\n", "g\r\n", "2\n", "2\rx",
        "10000000000000002\r\n", "ffffffffffffffffffff\r\n"}) {
    EXPECT_EQ(state_of(bad), State::kMalformed) << bad;
  }
}

TEST(ChunkDecoder, LinesEndWithCrLf) {
  for (const std::string_view bad : {"1\r\nab", "1\r\na\n", "1\r\na\rb", "1;a\n", "1;a\rb",
                                     "0\r\n\n", "0\r\nX: y\n", "0\r\nX: y\rz", "0\r\n\rx"}) {
    EXPECT_EQ(state_of(bad), State::kMalformed) << bad;
  }
  EXPECT_EQ(state_of(std::string_view("1;\0\r\n", 5)), State::kMalformed);
}

TEST(ChunkDecoder, TheBodyIsBoundedBeforeItComes) {
  EXPECT_EQ(state_of("14\r\n01234567890123456789\r\n0\r\n\r\n"), State::kDone);
  EXPECT_EQ(state_of("15\r\n"), State::kTooLarge);
  EXPECT_EQ(state_of("14\r\n01234567890123456789\r\n1\r\n"), State::kTooLarge);
}

TEST(ChunkDecoder, ExtensionsAndTrailersAreBounded) {
  EXPECT_EQ(state_of("0\r\nX: " + std::string(54, 'y') + "\r\n\r\n"), State::kDone);
  EXPECT_EQ(state_of("0\r\nX: " + std::string(55, 'y') + "\r\n\r\n"), State::kTooMuchFraming);
  EXPECT_EQ(state_of("1;" + std::string(100, 'y')), State::kTooMuchFraming);
}

}  // namespace
}  // namespace matricula::http
