// tables_probe DIR: writes each table there, flat ones too, in several samples:
// TABLE.SAMPLE.CODEC.parquet, TABLE.SAMPLE.ndjson, and TABLE.schema.json.
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "base/time_text.h"
#include "base/uuid.h"
#include "tables/json_schema.h"
#include "tables/testing.h"

namespace matricula::tables {
namespace {

using records::FieldType;
using storage::Bind;

constexpr std::string_view kLists[] = {"[]", R"(["C++","a \"b\", c",""])",
                                       "[\"\xd7\xa9\",\"\xf0\x9f\x8e\x93\",\"\\u0001\"]"};
constexpr std::string_view kObjects[] = {
    "[]", R"([{"stepId":"s1","steps":[{"stepId":"s2","label":null,"isRequired":false}]}])"};
constexpr double kReals[] = {0, 0.1, 100, 1e15, 2.5e-308, 12.25};
constexpr std::int64_t kIntegers[] = {0, 1, 2'147'483'647, 65'536};
constexpr Timestamp kTimes[] = {0, -1, kTimeMax, kTimeMin, 1'764'288'000'123'456};

template <typename T, std::size_t kSize>
Bind pick(const T (&values)[kSize], std::size_t row) {
  return Bind(values[row % kSize]);
}

// The value of a column in a row; `uuid` keeps the bytes that it refers to.
Bind value_of(const Column& column, std::size_t row, UuidBytes& uuid) {
  switch (column.type) {
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
      return pick(kNastyTexts, row);
    case FieldType::kUuid:
      for (std::size_t i = 0; i < uuid.size(); ++i) {
        uuid[i] = static_cast<std::byte>(row >> (i % 4 * 8));
      }
      return storage::Bytes(uuid);
    case FieldType::kInteger:
      return pick(kIntegers, row);
    case FieldType::kReal:
      return pick(kReals, row);
    case FieldType::kFlag:
      return std::int64_t{row % 2 == 0 ? 1 : 0};
    case FieldType::kTime:
      return pick(kTimes, row);
    case FieldType::kEnum:
      return column.values[row % column.values.size()];
    case FieldType::kTextList:
      return pick(kLists, row);
    case FieldType::kSteps:
    case FieldType::kTranslations:
      return pick(kObjects, row);
  }
  return {};
}

enum class Nulls { kSome, kAll };

struct Sample {
  std::string_view name;
  std::size_t rows;
  Nulls nulls;
};

constexpr Sample kSamples[] = {
    {"empty", 0, Nulls::kSome}, {"nulls", 200, Nulls::kAll}, {"nasty", 1'000, Nulls::kSome}};
constexpr Sample kLong = {"long", 120'001, Nulls::kSome};

void fill(const Table& table, const Sample& sample, std::size_t row, std::vector<Bind>& values,
          std::vector<UuidBytes>& uuids) {
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const Column& column = table.columns()[i];
    const bool is_null =
        column.is_nullable && (sample.nulls == Nulls::kAll || (row + i * 7) % 5 == 0);
    // Columns run through their values at different paces, so that each meets many neighbours.
    values[i] = is_null ? Bind() : value_of(column, row / (i % 3 + 1) + i, uuids[i]);
  }
}

void write(const std::filesystem::path& file, const Table& table, const Sample& sample,
           const EncoderOptions& options) {
  std::ofstream out(file, std::ios::binary);
  const auto encoder = make_encoder(table, options);
  std::vector<Bind> values(table.columns().size());
  std::vector<UuidBytes> uuids(table.columns().size());
  std::string bytes;
  encoder->begin(bytes);
  for (std::size_t row = 0; row < sample.rows; ++row) {
    fill(table, sample, row, values, uuids);
    encoder->append(values, bytes);
    out << bytes;
    bytes.clear();
  }
  encoder->finish(bytes);
  out << bytes;
}

void write_sample(const std::filesystem::path& folder, const std::string& name, const Table& table,
                  const Sample& sample) {
  const std::string stem = fmt::format("{}.{}", name, sample.name);
  write(folder / (stem + ".ndjson"), table, sample, {});
  using parquet::Codec;
  for (const auto& [codec, codec_name] :
       {std::pair(Codec::kNone, "none"), {Codec::kGzip, "gzip"}, {Codec::kZstd, "zstd"}}) {
    write(folder / fmt::format("{}.{}.parquet", stem, codec_name), table, sample,
          {.format = Format::kParquet,
           .codec = codec,
           .origin = Origin{.company = "acme", .sequence = 812}});
  }
}

void write_table(const std::filesystem::path& folder, const std::string& name, const Table& table) {
  std::ofstream(folder / (name + ".schema.json")) << json_schema(table);
  for (const Sample& sample : kSamples) {
    write_sample(folder, name, table, sample);
  }
  if (table.is_flat() && table.entity().id == records::EntityId::kProgramProgress) {
    write_sample(folder, name, table, kLong);
  }
}

}  // namespace
}  // namespace matricula::tables

int main(int argc, char** argv) {
  using namespace matricula;
  if (argc != 2) {
    fmt::print(stderr, "usage: tables_probe DIR\n");
    return 2;
  }
  for (const records::Entity& entity : records::entities()) {
    tables::write_table(argv[1], std::string(entity.name), tables::Table(entity.id));
    if (tables::has_flat_form(entity.id)) {
      tables::write_table(argv[1], std::string(entity.name) + "_flat",
                          tables::Table(entity.id, true));
    }
  }
}
