#include "dataapi/file_request.h"

#include <array>
#include <fmt/format.h>

#include "base/escape.h"
#include "base/join.h"

namespace matricula::dataapi {
namespace {

using tables::Format;

constexpr std::array<std::string_view, 7> kParameters = {
    "company", "columns", "flat", "compression", "excel", "filter", "query"};

std::string known_tables() {
  return joined(records::entities(), &records::Entity::name);
}

std::string known_formats() {
  return joined(tables::formats(), tables::format_name);
}

Result<std::optional<Compression>> read_compression(const http::Parameters& parameters) {
  const auto text = parameters.find("compression");
  if (!text) {
    return std::optional<Compression>();
  }
  if (text == "none") {
    return std::optional(Compression::kNone);
  }
  if (text == "gzip") {
    return std::optional(Compression::kGzip);
  }
  if (text == "zstd") {
    return std::optional(Compression::kZstd);
  }
  return fail(
      ErrorCode::kBadUserInput,
      fmt::format("compression must be none, gzip or zstd; {} was given.", json_string(*text)));
}

std::string_view compression_ending(std::optional<Compression> compression) {
  if (!compression) {
    return {};
  }
  switch (*compression) {
    case Compression::kNone:
      return {};
    case Compression::kGzip:
      return "gz";
    case Compression::kZstd:
      return "zst";
  }
  return {};
}

}  // namespace

std::span<const std::string_view> file_parameters() {
  return kParameters;
}

Result<records::EntityId> find_table(std::string_view name) {
  const records::Entity* const found = records::find_entity(name);
  if (found == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no table {}; there are {}.",
                                                  json_string(name), known_tables()));
  }
  return found->id;
}

Result<void> check_flat(records::EntityId entity, bool is_flat) {
  if (is_flat && !tables::has_flat_form(entity)) {
    return fail(ErrorCode::kBadUserInput,
                "flat is for program_progress, assessment_progress and learning_plan_progress.");
  }
  return {};
}

Result<FileRequest> read_file_request(std::string_view file, const http::Parameters& parameters) {
  const std::size_t dot = file.rfind('.');
  MATRICULA_TRY(const records::EntityId entity, find_table(file.substr(0, dot)));
  const auto format =
      dot == std::string_view::npos ? std::nullopt : tables::find_format(file.substr(dot + 1));
  if (!format) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} does not end in a format that there is: {}, as in {}.ndjson.",
                            json_string(file), known_formats(), file.substr(0, dot)));
  }
  FileRequest request{.entity = entity, .format = *format};
  MATRICULA_TRY(request.is_flat, parameters.flag("flat"));
  MATRICULA_CHECK(check_flat(entity, request.is_flat));
  MATRICULA_TRY(request.for_excel, parameters.flag("excel"));
  if (parameters.find("excel") && *format != Format::kCsv) {
    return fail(ErrorCode::kBadUserInput, "excel is for CSV; ask for .csv.");
  }
  MATRICULA_TRY(request.compression, read_compression(parameters));
  if (const auto names = parameters.find("columns")) {
    MATRICULA_TRY(request.columns, tables::select_columns(request.table(), *names));
  }
  return request;
}

std::string recipe(const FileRequest& request) {
  std::string text = fmt::format("{}.{}", records::entity(request.entity).name,
                                 tables::format_name(request.format));
  if (request.is_flat) {
    text += " flat";
  }
  if (request.for_excel) {
    text += " excel";
  }
  if (request.columns) {
    text += " columns";
    for (const std::size_t column : *request.columns) {
      text += fmt::format(",{}", column);
    }
  }
  if (request.format == Format::kParquet) {
    text += fmt::format(" codec {}",
                        static_cast<int>(request.compression.value_or(Compression::kZstd)));
  } else if (const std::string_view ending = compression_ending(request.compression);
             !ending.empty()) {
    text += fmt::format(" {}", ending);
  }
  if (request.filter != nullptr) {
    text += fmt::format(" {}", request.filter->text());
  }
  return text;
}

std::string file_name(const FileRequest& request) {
  std::string name = fmt::format("{}.{}", records::entity(request.entity).name,
                                 tables::format_name(request.format));
  const std::string_view ending = request.format == Format::kParquet
                                      ? std::string_view()
                                      : compression_ending(request.compression);
  return ending.empty() ? name : fmt::format("{}.{}", name, ending);
}

std::string_view media_type(const FileRequest& request) {
  const std::string_view range = media_range(request);
  return range == "text/csv" ? "text/csv; charset=utf-8; header=present" : range;
}

std::string_view media_range(const FileRequest& request) {
  if (request.format != Format::kParquet && request.compression == Compression::kGzip) {
    return "application/gzip";
  }
  if (request.format != Format::kParquet && request.compression == Compression::kZstd) {
    return "application/zstd";
  }
  return format_range(request.format);
}

std::string_view format_range(Format format) {
  switch (format) {
    case Format::kNdjson:
      return "application/x-ndjson";
    case Format::kCsv:
      return "text/csv";
    case Format::kParquet:
      break;
  }
  return "application/vnd.apache.parquet";
}

bool may_encode_content(const FileRequest& request) {
  return request.format != Format::kParquet && !request.compression;
}

}  // namespace matricula::dataapi
