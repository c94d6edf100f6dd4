#include "tables/json_schema.h"

#include <array>
#include <gtest/gtest.h>
#include <regex>

#include "base/time_text.h"
#include "records/user_table.h"

namespace matricula::tables {
namespace {

using records::EntityId;

TEST(JsonSchema, DescribesEachColumnInOrder) {
  EXPECT_EQ(
      json_schema(Table(EntityId::kContracts)),
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"contracts",)"
      R"("description":"One contract of the company.","type":"object","properties":{)"
      R"("id":{"type":"string","minLength":1,"description":"The id of the contract.","x-parquet":"STRING"},)"
      R"("companyId":{"type":"string","minLength":1,"description":"The company whose contract it is.","x-parquet":"STRING"},)"
      R"("name":{"type":"string","description":"The name of the contract.","x-parquet":"STRING"},)"
      R"x("startsAt":{"type":["string","null"],"format":"date-time","description":"When the contract begins; it informs and restricts nothing.","x-parquet":"TIMESTAMP(MICROS, UTC)"},)x"
      R"x("endsAt":{"type":["string","null"],"format":"date-time","description":"When the contract ends; it informs and restricts nothing.","x-parquet":"TIMESTAMP(MICROS, UTC)"}},)x"
      R"("required":["id","companyId","name"],"additionalProperties":false,"x-key":["id"]})"
      "\n");
}

TEST(JsonSchema, HasBoundsEnumsAndFlatColumns) {
  const std::string schema = json_schema(Table(EntityId::kProgramProgress, true));
  for (const std::string_view part :
       {R"("completionPercentage":{"type":"number","minimum":0,"maximum":100,)",
        R"("learnerHours":{"type":"number","minimum":0,"maximum":1e+15,)",
        R"("projectsRequiredTotal":{"type":"integer","minimum":0,"maximum":2147483647,)",
        R"("programType":{"type":"string","enum":["NANODEGREE","COURSE","PART"],)",
        R"("programTitle":{"type":["string","null"],"description":"The program's title; )",
        R"("x-key":["companyId","userId","programKey"])"}) {
    EXPECT_NE(schema.find(part), std::string::npos) << part << "\n" << schema;
  }
}

TEST(JsonSchema, DefinesWhatStandsInLists) {
  const std::string plans = json_schema(Table(EntityId::kLearningPlans));
  EXPECT_NE(plans.find(R"("steps":{"type":"array","items":{"$ref":"#/$defs/step"},)"),
            std::string::npos);
  EXPECT_NE(plans.find(R"("$defs":{"step":{"type":"object",)"), std::string::npos);
  const std::string programs = json_schema(Table(EntityId::kPrograms));
  EXPECT_NE(programs.find(R"("$defs":{"translation":{"type":"object",)"), std::string::npos);
  EXPECT_EQ(json_schema(Table(EntityId::kUsers)).find("$defs"), std::string::npos);
}

// The pattern of a column, as a validator reads it.
std::regex pattern_of(EntityId entity, std::string_view column) {
  const std::string schema = json_schema(Table(entity));
  const std::string begin =
      std::string("\"") + std::string(column) + R"(":{"type":"string","pattern":")";
  const std::size_t at = schema.find(begin);
  EXPECT_NE(at, std::string::npos) << schema;
  const std::size_t from = at + begin.size();
  std::string text = schema.substr(from, schema.find('"', from) - from);
  for (std::size_t escape = text.find("\\\\"); escape != std::string::npos;
       escape = text.find("\\\\", escape + 1)) {
    text.erase(escape, 1);
  }
  return std::regex(text, std::regex::ECMAScript);
}

TEST(JsonSchema, TakesTheDurationsThatImportTakes) {
  const std::regex pattern = pattern_of(EntityId::kPrograms, "duration");
  for (const std::string text : {"P30D", "P1Y2M", "PT2H30M", "P2W", "P1W2D", "PT0.5S", "PT1,5H",
                                 "P1.5Y", "P1Y1D", "P1DT12H", "P0001Y2M3W4DT5H6M7.8S"}) {
    EXPECT_TRUE(is_iso8601_duration(text)) << text;
    EXPECT_TRUE(std::regex_search(text, pattern)) << text;
  }
  for (const std::string text :
       {"",     "P",    "PT",   "30D",  "P30",  "P1DT", "P1M1Y", "PT1D", "P1.5Y2M", "P1.5DT1H",
        "P-1D", "P1.D", "P.5D", "P1D ", " P1D", "p1d",  "P1D\n", "P1YT", "PT1HT1M", "PT1S1M"}) {
    EXPECT_FALSE(is_iso8601_duration(text)) << text;
    EXPECT_FALSE(std::regex_search(text, pattern)) << text;
  }
  // All texts of five characters behind the P.
  constexpr std::string_view kLetters = "1.YMWDTHS";
  std::array<std::size_t, 5> at = {};
  for (std::size_t place = 0; place < at.size();) {
    std::string text = "P";
    for (const std::size_t letter : at) {
      text += kLetters[letter];
    }
    EXPECT_EQ(std::regex_search(text, pattern), is_iso8601_duration(text)) << text;
    for (place = 0; place < at.size() && ++at[place] == kLetters.size(); ++place) {
      at[place] = 0;
    }
  }
}

TEST(JsonSchema, TakesTheAddressesThatImportTakes) {
  const std::regex pattern = pattern_of(EntityId::kUsers, "email");
  for (const std::string text : {"ada@example.com", "a..b@c", ".a@b", "a@b@c", "@@b", "\"a@b\"@c",
                                 "a@[127.0.0.1]", "\u00fc@\u00fc.example"}) {
    EXPECT_TRUE(records::is_email_address(text)) << text;
    EXPECT_TRUE(std::regex_search(text, pattern)) << text;
  }
  for (const std::string text : {"", "@", "a@", "@b", "a b@c", "a@b c", "a@b\n", "a\x7f@b", "ab"}) {
    EXPECT_FALSE(records::is_email_address(text)) << text;
    EXPECT_FALSE(std::regex_search(text, pattern)) << text;
  }
}

}  // namespace
}  // namespace matricula::tables
