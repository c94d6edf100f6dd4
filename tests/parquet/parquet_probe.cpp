// parquet_probe DIR: writes Parquet files there, NAME.CODEC.parquet, and what they hold as
// NAME.ndjson: each row an array, times as the text of their microseconds.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <limits>
#include <random>

#include "json/writer.h"
#include "parquet/writer.h"

namespace matricula::parquet {
namespace {

// Gives rows to a file and to its description alike.
class Row {
 public:
  Row(Writer& writer, std::string& line) : writer_(writer), line_(line) {}
  void null() {
    writer_.null();
    begin();
    line_ += "null";
  }
  void text(std::string_view value) {
    writer_.text(value);
    begin();
    json::append_string(line_, value);
  }
  void integer(std::int32_t value) {
    writer_.integer(value);
    begin();
    json::append_integer(line_, value);
  }
  void real(double value) {
    writer_.real(value);
    begin();
    line_ += value == 0 && std::signbit(value) ? "-0.0" : fmt::format("{}", value);
  }
  void flag(bool value) {
    writer_.flag(value);
    begin();
    json::append_boolean(line_, value);
  }
  void time(std::int64_t value) {
    writer_.time(value);
    begin();
    line_ += fmt::format("\"{}\"", value);
  }

 private:
  void begin() { line_ += line_.empty() ? "[" : ","; }
  Writer& writer_;
  std::string& line_;
};

struct Sample {
  std::string name;
  std::vector<Column> columns;
  std::size_t rows;
  std::function<void(std::size_t, Row&)> fill;
  std::size_t group_rows_max = kGroupRowsMax;
};

const std::vector<Column> kAllTypes = {
    {.name = "text", .type = ColumnType::kText, .is_optional = true},
    {.name = "integer", .type = ColumnType::kInteger, .is_optional = true},
    {.name = "real", .type = ColumnType::kReal, .is_optional = true},
    {.name = "flag", .type = ColumnType::kFlag, .is_optional = true},
    {.name = "time", .type = ColumnType::kTime, .is_optional = true},
    {.name = "key", .type = ColumnType::kText},
    {.name = "always", .type = ColumnType::kFlag},
};

// Texts that programs stumble over.
const std::string_view kTexts[] = {"",
                                   std::string_view("\0", 1),
                                   std::string_view("a\0b", 3),
                                   "\n",
                                   "\"quoted\"",
                                   "=1+1",
                                   "null",
                                   "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
                                   "\xe2\x80\xae\x52\x54\x4c",
                                   "e\xcc\x81",
                                   "\xf0\x9f\x8e\x93",
                                   "\xef\xbf\xbf",
                                   "PAR1",
                                   "a text that is longer than what a page header has room for"};
const double kReals[] = {0.0,
                         -0.0,
                         0.1,
                         100,
                         1e15,
                         -1.5,
                         std::numeric_limits<double>::denorm_min(),
                         std::numeric_limits<double>::max()};
const std::int32_t kIntegers[] = {0, 1, -1, std::numeric_limits<std::int32_t>::max(),
                                  std::numeric_limits<std::int32_t>::min()};
// The years 1 to 9999, and both sides of 1970.
const std::int64_t kTimes[] = {
    0, 1, -1, 1'764'288'000'123'456, -62'135'596'800'000'000, 253'402'300'799'999'999};

template <typename T, std::size_t kSize>
const T& pick(const T (&values)[kSize], std::mt19937& random) {
  return values[random() % kSize];
}

Sample mixed(std::string name, std::size_t rows, unsigned distinct, std::size_t group) {
  return {.name = std::move(name),
          .columns = kAllTypes,
          .rows = rows,
          .fill =
              [distinct](std::size_t i, Row& row) {
                std::mt19937 random(static_cast<unsigned>(i % distinct));
                random.discard(i % distinct % 7);
                const auto or_null = [&](auto&& value) {
                  if (random() % 4 == 0) {
                    row.null();
                  } else {
                    value();
                  }
                };
                or_null([&] { row.text(fmt::format("{}{}", pick(kTexts, random), i % distinct)); });
                or_null([&] { row.integer(pick(kIntegers, random)); });
                or_null([&] { row.real(pick(kReals, random) / (i % distinct % 3 == 0 ? 1 : 3)); });
                or_null([&] { row.flag(random() % 2 == 0); });
                or_null([&] { row.time(pick(kTimes, random)); });
                row.text(fmt::format("{:08x}", i));
                row.flag(i % 3 == 0);
              },
          .group_rows_max = group};
}

std::vector<Sample> samples() {
  const auto nulls = [](std::size_t i, Row& row) {
    for (unsigned column = 0; column < 5; ++column) {
      row.null();
    }
    row.text(kTexts[i % std::size(kTexts)]);
    row.flag(true);
  };
  const auto nasty = [](std::size_t i, Row& row) {
    row.text(kTexts[i % std::size(kTexts)]);
    row.integer(kIntegers[i % std::size(kIntegers)]);
    row.real(kReals[i % std::size(kReals)]);
    row.flag(i % 2 == 0);
    row.time(kTimes[i % std::size(kTimes)]);
    row.text(kTexts[i % std::size(kTexts)]);
    row.flag(false);
  };
  return {{.name = "empty", .columns = kAllTypes, .rows = 0, .fill = nulls},
          {.name = "nulls", .columns = kAllTypes, .rows = 1'000, .fill = nulls},
          {.name = "one", .columns = kAllTypes, .rows = 1, .fill = nasty},
          {.name = "nasty", .columns = kAllTypes, .rows = std::size(kTexts), .fill = nasty},
          {.name = "repeated", .columns = kAllTypes, .rows = 840, .fill = nasty},
          mixed("groups", 1'000, 300, 333),
          mixed("distinct", 5'000, 1'000'000, kGroupRowsMax),
          mixed("long", 120'001, 5'000, kGroupRowsMax)};
}

void write(const std::filesystem::path& folder, const Sample& sample, Codec codec,
           std::string_view codec_name) {
  std::string file;
  std::string lines;
  Writer writer(sample.columns, {.name = sample.name,
                                 .codec = codec,
                                 .metadata = {{"matricula.sequence", "812"}},
                                 .group_rows_max = sample.group_rows_max});
  for (std::size_t i = 0; i < sample.rows; ++i) {
    std::string line;
    Row row(writer, line);
    sample.fill(i, row);
    writer.end_row(file);
    lines += line + "]\n";
  }
  writer.finish(file);
  std::ofstream(folder / fmt::format("{}.{}.parquet", sample.name, codec_name)) << file;
  std::ofstream(folder / fmt::format("{}.ndjson", sample.name)) << lines;
}

}  // namespace
}  // namespace matricula::parquet

int main(int argc, char** argv) {
  using namespace matricula::parquet;
  if (argc != 2) {
    fmt::print(stderr, "usage: parquet_probe DIR\n");
    return 2;
  }
  for (const Sample& sample : samples()) {
    write(argv[1], sample, Codec::kNone, "none");
    write(argv[1], sample, Codec::kGzip, "gzip");
    write(argv[1], sample, Codec::kZstd, "zstd");
  }
}
