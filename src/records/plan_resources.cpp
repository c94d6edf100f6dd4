#include "records/plan_resources.h"

#include <fmt/format.h>

#include "records/entities.h"

namespace matricula::records {
namespace {

// {0}: the plans; {1} and {2}: the numbers of programs and of assessments.
std::string_view unnumbered(sql::Dialect dialect) {
  switch (dialect) {
    case sql::Dialect::kSqlite:
      return "SELECT DISTINCT l.company_id, CASE json_extract(j.value, '$.stepType') WHEN "
             "'PROGRAM' THEN {1} ELSE {2} END, json_extract(j.value, '$.resourceKey'), l.id "
             "FROM {0} l, json_tree(l.steps) j WHERE j.type = 'object' "
             "AND json_extract(j.value, '$.stepType') IN ('PROGRAM', 'ASSESSMENT') "
             "AND json_extract(j.value, '$.resourceKey') IS NOT NULL";
    case sql::Dialect::kPostgres:
      return "SELECT DISTINCT l.company_id, CASE s.step->>'stepType' WHEN 'PROGRAM' THEN {1} ELSE "
             "{2} END, s.step->>'resourceKey', l.id FROM {0} l, jsonb_path_query(l.steps::jsonb, "
             "'strict $.** ? (@.type() == \"object\")') AS s(step) WHERE s.step->>'stepType' IN "
             "('PROGRAM', 'ASSESSMENT') AND s.step->>'resourceKey' IS NOT NULL";
  }
  return {};
}

}  // namespace

std::string plan_resources_sql(sql::Dialect dialect, std::string_view plans) {
  return fmt::format(fmt::runtime(unnumbered(dialect)), plans,
                     static_cast<int>(EntityId::kPrograms),
                     static_cast<int>(EntityId::kAssessments));
}

}  // namespace matricula::records
