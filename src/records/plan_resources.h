#pragma once

#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace matricula::records {

// The statement of the rows of plan_resources (company_id, entity, key, plan_id), each once: the
// programs and assessments that steps of the plans name. `plans` is a table, or a SELECT in
// parentheses, with the columns id, company_id and steps, whose texts are JSON.
std::string plan_resources_sql(sql::Dialect dialect, std::string_view plans);

}  // namespace matricula::records
