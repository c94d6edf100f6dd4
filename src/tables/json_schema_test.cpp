#include "tables/json_schema.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace matricula::tables
