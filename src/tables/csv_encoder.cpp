#include "tables/csv_encoder.h"

#include <array>
#include <variant>

#include "base/byte_order_mark.h"
#include "base/time_text.h"
#include "base/uuid.h"
#include "json/writer.h"

namespace matricula::tables {
namespace {

using records::FieldType;
using storage::Bind;

constexpr std::string_view kLineEnd = "\r\n";
// RFC 4180, section 2, rule 6.
constexpr std::string_view kNeedsQuotes = "\",\r\n";
constexpr std::string_view kBeginsFormula = "=+-@\t\r";

void append_uuid(std::string& out, storage::Bytes uuid) {
  std::array<char, kUuidTextBytes> buffer;
  format_uuid(uuid, buffer.data());
  out.append(buffer.data(), buffer.size());
}

void append_time(std::string& out, Timestamp time) {
  std::array<char, kTimeTextMax> buffer;
  out.append(buffer.data(), format_time(time, buffer.data()));
}

}  // namespace

CsvEncoder::CsvEncoder(const Table& table, std::span<const std::size_t> chosen, bool for_excel)
    : for_excel_(for_excel) {
  for (const std::size_t place : chosen) {
    const Column& column = table.columns()[place];
    cells_.push_back({.name = column.name, .type = column.type, .place = place});
  }
}

void CsvEncoder::begin(std::string& out) {
  if (for_excel_) {
    out += kByteOrderMark;
  }
  for (const Cell& cell : cells_) {
    if (&cell != cells_.data()) {
      out += ',';
    }
    out += cell.name;
  }
  out += kLineEnd;
}

void CsvEncoder::append(std::span<const Bind> values, std::string& out) {
  for (const Cell& cell : cells_) {
    if (&cell != cells_.data()) {
      out += ',';
    }
    const Bind& value = values[cell.place];
    if (!std::holds_alternative<std::monostate>(value)) {
      append_value(out, cell.type, value);
    }
  }
  out += kLineEnd;
}

void CsvEncoder::finish(std::string& out) {
  static_cast<void>(out);
}

void CsvEncoder::append_value(std::string& out, FieldType type, const Bind& value) const {
  switch (type) {
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      append_text(out, std::get<std::string_view>(value));
      return;
    case FieldType::kUuid:
      append_uuid(out, std::get<storage::Bytes>(value));
      return;
    case FieldType::kInteger:
      json::append_integer(out, std::get<std::int64_t>(value));
      return;
    case FieldType::kReal:
      json::append_float(out, std::get<double>(value));
      return;
    case FieldType::kFlag:
      json::append_boolean(out, std::get<std::int64_t>(value) != 0);
      return;
    case FieldType::kTime:
      append_time(out, std::get<std::int64_t>(value));
      return;
  }
}

void CsvEncoder::append_text(std::string& out, std::string_view text) const {
  const bool is_formula =
      for_excel_ && !text.empty() && kBeginsFormula.find(text.front()) != std::string_view::npos;
  if (!text.empty() && text.find_first_of(kNeedsQuotes) == std::string_view::npos) {
    out += is_formula ? "'" : "";
    out += text;
    return;
  }
  out += '"';
  out += is_formula ? "'" : "";
  for (std::size_t quote = text.find('"'); quote != std::string_view::npos;
       quote = text.find('"')) {
    out += text.substr(0, quote + 1);
    out += '"';
    text.remove_prefix(quote + 1);
  }
  out += text;
  out += '"';
}

}  // namespace matricula::tables
