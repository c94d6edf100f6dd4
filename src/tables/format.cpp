#include "tables/format.h"

namespace matricula::tables {

std::span<const Format> formats() {
  static constexpr Format kAll[] = {Format::kNdjson, Format::kCsv, Format::kParquet};
  return kAll;
}

std::string_view format_name(Format format) {
  switch (format) {
    case Format::kNdjson:
      return "ndjson";
    case Format::kCsv:
      return "csv";
    case Format::kParquet:
      break;
  }
  return "parquet";
}

std::optional<Format> find_format(std::string_view name) {
  for (const Format format : formats()) {
    if (format_name(format) == name) {
      return format;
    }
  }
  return std::nullopt;
}

}  // namespace matricula::tables
