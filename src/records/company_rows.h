#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// The condition under which a row of an entity's table belongs to the company ?1: its own rows, the
// programs and assessments that it covers or names, the users that its records are about.
std::string company_condition(EntityId entity);

// All rows of an entity in key order, the columns those of its fields: of the company ?1, or of the
// whole store.
std::string select_rows_sql(const Entity& entity, bool of_company);

// Whether several companies may have a record of the entity: users, programs, assessments.
bool is_of_several_companies(EntityId entity);

// Whether `company` no longer covers or names the user, the program or the assessment with this
// key, while the tables of another company have it. A user's key is its 16 bytes.
Result<bool> is_left_to_others(storage::Session& session, EntityId entity, const storage::Bind& key,
                               std::string_view company);

Result<std::int64_t> count_company_rows(storage::Session& session, EntityId entity,
                                        std::string_view company);

}  // namespace matricula::records
