#include "exchange/line_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "exchange/limits.h"
#include "exchange/testing.h"

namespace matricula::exchange {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// The size is not told beforehand, as when packing a pipe.
std::string zstd(std::string_view text, int window_log = 0) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_outBuffer packed = {out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &packed, &in, ZSTD_e_continue);
  EXPECT_EQ(ZSTD_compressStream2(context, &packed, &in, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  out.resize(packed.pos);
  return out;
}

class LineReaderTest : public testing::Test {
 protected:
  // Each line as "number:text" in brackets, too long ones as "number!"; the error at the end.
  std::string lines(const std::string& name, std::string_view bytes) {
    const std::string path = directory_.file(name);
    write_file(path, bytes);
    auto source = open_source(path);
    EXPECT_TRUE(source.has_value());
    LineReader reader(*std::move(source));
    std::string out;
    Line line;
    for (;;) {
      const Result<bool> next = reader.next(line);
      if (!next) {
        std::string message = next.error().message;
        return out + message.replace(0, directory_.path().size() + 1, "");
      }
      if (!*next) {
        return out;
      }
      out += "[" + std::to_string(line.number) + (line.is_too_long ? "!" : ":");
      out += std::string(line.text) + "]";
    }
  }

  storage::TempDirectory directory_;
};

TEST_F(LineReaderTest, TheLastLineMayLackItsNewline) {
  EXPECT_EQ(lines("a", ""), "");
  EXPECT_EQ(lines("a", "x\ny\n"), "[1:x][2:y]");
  EXPECT_EQ(lines("a", "x\n\ny"), "[1:x][2:][3:y]");
}

TEST_F(LineReaderTest, AByteOrderMarkIsNoPartOfALine) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(lines("a", mark + "x\ny"), "[1:x][2:y]");
  EXPECT_EQ(lines("a.gz", gzip(mark + "x\n")), "[1:x]");
  EXPECT_EQ(lines("a", mark), "[1:]");
  // Files that were put together.
  EXPECT_EQ(lines("a", mark + "x\n" + mark + "y\n"), "[1:x][2:y]");
  EXPECT_EQ(lines("a", mark + mark + "x\n"), "[1:" + mark + "x]");
}

TEST_F(LineReaderTest, ALineMayBeAsLongAsTheLimitAndNoLonger) {
  const std::string longest(kLineBytesMax, 'x');
  EXPECT_EQ(lines("a", longest + "\ny"), "[1:" + longest + "][2:y]");
  EXPECT_EQ(lines("a", longest + "x\ny"), "[1!][2:y]");
  EXPECT_EQ(lines("a", longest), "[1:" + longest + "]");
  EXPECT_EQ(lines("a", longest + "x"), "[1!]");
  EXPECT_EQ(lines("a", "y\n" + longest + longest + longest), "[1:y][2!]");
  EXPECT_EQ(lines("a", longest + longest + "\n"), "[1!]");
}

TEST_F(LineReaderTest, PackedFilesReadLikePlainOnes) {
  std::string text;
  std::string expected;
  for (int i = 1; i <= 200'000; ++i) {
    text += std::to_string(i * 7919) + "\n";
    expected += "[" + std::to_string(i) + ":" + std::to_string(i * 7919) + "]";
  }
  EXPECT_EQ(lines("a", text), expected);
  EXPECT_EQ(lines("a.gz", gzip(text)), expected);
  EXPECT_EQ(lines("a.zst", zstd(text)), expected);
}

TEST_F(LineReaderTest, PackedFilesMayHaveSeveralParts) {
  EXPECT_EQ(lines("a.gz", gzip("x\ny") + gzip("z\n") + gzip("")), "[1:x][2:yz]");
  EXPECT_EQ(lines("a.zst", zstd("x\ny") + zstd("z\n") + zstd("")), "[1:x][2:yz]");
}

TEST_F(LineReaderTest, ZerosBehindGzipDataArePaddingAndNothingElseIs) {
  const std::string packed = gzip("x\ny\n");
  for (const std::size_t zeros : {1U, 512U, 1'000'000U}) {
    EXPECT_EQ(lines("a.gz", packed + std::string(zeros, '\0')), "[1:x][2:y]") << zeros;
  }
  const std::string tail = "a.gz has bytes behind its gzip data that are no gzip data.";
  EXPECT_TRUE(lines("a.gz", packed + std::string(512, '\0') + "x").ends_with(tail));
  EXPECT_TRUE(lines("a.gz", packed + std::string(1'000'000, '\0') + packed).ends_with(tail));
  EXPECT_EQ(lines("a.gz", std::string(512, '\0')), "a.gz is not gzip data or is damaged.");
}

TEST_F(LineReaderTest, CutOrDamagedPackedFilesAreErrorsThatNameTheFile) {
  const std::string packed_gzip = gzip("x\ny\n");
  const std::string packed_zstd = zstd("x\ny\n");
  const std::string end = "a.gz ends in the middle of its gzip data.";
  EXPECT_TRUE(lines("a.gz", packed_gzip.substr(0, packed_gzip.size() - 1)).ends_with(end));
  EXPECT_EQ(lines("a.gz", ""), end);
  EXPECT_EQ(lines("a.gz", "x\n"), "a.gz is not gzip data or is damaged.");
  EXPECT_TRUE(lines("a.gz", packed_gzip + "tail").ends_with("is not gzip data or is damaged."));
  EXPECT_TRUE(lines("a.zst", packed_zstd.substr(0, packed_zstd.size() - 1))
                  .ends_with("a.zst ends in the middle of its Zstandard data."));
  EXPECT_EQ(lines("a.zst", ""), "a.zst ends in the middle of its Zstandard data.");
  EXPECT_EQ(lines("a.zst", "x\nlonger"), "a.zst is not Zstandard data or is damaged.");
}

TEST_F(LineReaderTest, AZstandardWindowThatWouldNeedMuchMemoryIsRefused) {
  EXPECT_EQ(lines("a.zst", zstd("x", kZstdWindowLogMax)), "[1:x]");
  EXPECT_EQ(lines("a.zst", zstd("x", kZstdWindowLogMax + 1)),
            "a.zst needs a window of more than 8 MiB to unpack; pack it with zstd -19 or less and "
            "without --long.");
}

TEST(OpenSource, NamesAFileThatIsNotThere) {
  EXPECT_EQ(open_source("/nowhere/users.ndjson").error().message,
            "/nowhere/users.ndjson cannot be opened: No such file or directory.");
  EXPECT_EQ(open_source("/").error().message, "/ is not a file.");
}

}  // namespace
}  // namespace matricula::exchange
