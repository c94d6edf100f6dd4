#include "tables/change_line.h"

#include "json/writer.h"
#include "tables/json_row.h"

namespace matricula::tables {
namespace {

void begin_member(std::string& out, char before, std::string_view name) {
  out += before;
  out += '"';
  out += name;
  out += "\":";
}

}  // namespace

void append_change(std::string& out, const records::Change& change) {
  begin_member(out, '{', kTableMember);
  json::append_string(out, change.entity->name);
  begin_member(out, ',', kSequenceMember);
  json::append_integer(out, change.sequence);
  begin_member(out, ',', kChangedAtMember);
  json::append_time(out, change.changed_at);
  out += ',';
  record_members(change.entity->id).append(out, change.values);
  if (change.is_deletion) {
    begin_member(out, ',', kDeleteMember);
    json::append_boolean(out, true);
  }
  out += "}\n";
}

}  // namespace matricula::tables
