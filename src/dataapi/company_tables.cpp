#include "dataapi/company_tables.h"

#include <fmt/format.h>

#include "auth/callers/errors.h"
#include "dataapi/company_snapshot.h"
#include "json/writer.h"
#include "records/change_reader.h"
#include "records/company_rows.h"
#include "records/entities.h"
#include "tables/format.h"

namespace matricula::dataapi {
namespace {

void append_table(std::string& out, const records::Entity& table, std::int64_t rows,
                  std::int64_t sequence) {
  out += out.ends_with('[') ? "{\"name\":" : ",{\"name\":";
  json::append_string(out, table.name);
  out += ",\"key\":[";
  for (const records::Field& field : table.fields) {
    if (field.is_key) {
      out += out.ends_with('[') ? "" : ",";
      json::append_string(out, field.name);
    }
  }
  out += fmt::format(
      R"(],"rows":{0},"sequence":{1},"href":"/data/v1/tables/{2}","schema":"/data/v1/tables/{2}/schema","formats":[)",
      rows, sequence, table.name);
  for (const tables::Format format : tables::formats()) {
    out += out.ends_with('[') ? "" : ",";
    json::append_string(out, tables::format_name(format));
  }
  out += "]}";
}

}  // namespace

Result<CompanyTables> describe_tables(storage::Session& session, std::string_view company) {
  MATRICULA_TRY(const auto snapshot, CompanySnapshot::begin(session, company));
  MATRICULA_TRY(const auto state, records::read_sequence(session, company));
  if (!state) {
    return fail(auth::not_authorized());
  }
  MATRICULA_TRY(const records::TableSequences sequences,
                records::read_table_sequences(session, company));
  CompanyTables tables{.json = "{\"companyId\":", .sequence = state->last, .epoch = state->epoch};
  json::append_string(tables.json, company);
  tables.json += fmt::format(",\"sequence\":{},\"epoch\":", state->last);
  json::append_string(tables.json, state->epoch);
  tables.json += ",\"tables\":[";
  for (const records::Entity& table : records::entities()) {
    MATRICULA_TRY(const std::int64_t rows, records::count_company_rows(session, table.id, company));
    append_table(tables.json, table, rows, sequences[static_cast<std::size_t>(table.id)]);
  }
  tables.json += "]}";
  return tables;
}

}  // namespace matricula::dataapi
