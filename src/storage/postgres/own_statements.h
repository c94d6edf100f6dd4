#pragma once

#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/values.h"

namespace matricula::storage::postgres {

// The statements that a session sends by itself: for transactions and their settings.
inline const std::string kBegin = "begin";
inline const std::string kBeginText = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
inline const std::string kBeginWholeText = "BEGIN ISOLATION LEVEL READ COMMITTED";
inline const std::string kEnd = "end";
inline const std::string kEndText = "COMMIT";
inline const std::string kSettings = "settings";
inline const std::string kSettingsList =
    "pg_catalog.set_config('matricula.company', $1, true), "
    "pg_catalog.set_config('statement_timeout', $2, true)";
inline const std::string kSettingsText = "SELECT " + kSettingsList;
// A company's rows are only read.
inline const std::string kReadSettings = "read_settings";
inline const std::string kReadSettingsList =
    kSettingsList + ", pg_catalog.set_config('transaction_read_only', 'on', true)";
inline const std::vector<Oid> kSettingsTypes = {kTextOid, kTextOid};
// Prepared with each connection.
inline const std::pair<std::string, std::string> kOwnStatements[] = {
    {kBegin, kBeginText},
    {kEnd, kEndText},
    {kSettings, kSettingsText},
    {kReadSettings, "SELECT " + kReadSettingsList}};

inline const Parameters kNoParameters;

}  // namespace matricula::storage::postgres
