#include "tables/table.h"

#include <gtest/gtest.h>

#include "tables/format.h"

namespace matricula::tables {
namespace {

using records::EntityId;

std::string names_of(const Table& table, bool nullable_only = false) {
  std::string names;
  for (const Column& column : table.columns()) {
    if (!nullable_only || column.is_nullable) {
      names += (names.empty() ? "" : ",") + std::string(column.name);
    }
  }
  return names;
}

TEST(Table, HasTheFieldsOfItsEntityInTheirOrder) {
  for (const records::Entity& entity : records::entities()) {
    const Table table(entity.id);
    ASSERT_EQ(table.columns().size(), entity.fields.size());
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      EXPECT_EQ(table.columns()[i].name, entity.fields[i].name);
      EXPECT_EQ(table.columns()[i].type, entity.fields[i].type);
      EXPECT_EQ(table.columns()[i].is_key, entity.fields[i].is_key);
      EXPECT_TRUE(table.columns()[i].description.ends_with('.')) << table.columns()[i].name;
    }
    EXPECT_TRUE(table.description().ends_with('.')) << table.name();
  }
}

TEST(Table, ATimeThatDefaultsToNowIsNeverNull) {
  EXPECT_EQ(names_of(Table(EntityId::kAssessmentProgress), true),
            "userId,assessmentResult,assessmentReport,learningPlanId");
}

TEST(Table, TheFlatFormAddsWhatTheNodeHasAndTheRowLacks) {
  const std::string program = names_of(Table(EntityId::kProgramProgress, true));
  EXPECT_TRUE(program.ends_with(",updatedAt,userEmail,userFirstName,userLastName,programTitle"));
  const std::string assessment = names_of(Table(EntityId::kAssessmentProgress, true));
  EXPECT_TRUE(assessment.ends_with(",updatedAt,userEmail,assessmentTitle"));
  const std::string plan = names_of(Table(EntityId::kLearningPlanProgress, true));
  EXPECT_TRUE(plan.ends_with(",updatedAt,userEmail,planTitle"));
}

TEST(Table, FlatColumnsAreNullableAsInTheirNodes) {
  EXPECT_TRUE(names_of(Table(EntityId::kProgramProgress, true), true)
                  .ends_with(",learningPlanId,programTitle"));
  EXPECT_TRUE(names_of(Table(EntityId::kAssessmentProgress, true), true)
                  .ends_with(",userEmail,assessmentTitle"));
  EXPECT_EQ(names_of(Table(EntityId::kLearningPlanProgress, true), true),
            "startedAt,lastActiveAt,completedAt");
}

TEST(Table, OnlyProgressHasAFlatForm) {
  std::string names;
  for (const records::Entity& entity : records::entities()) {
    names += has_flat_form(entity.id) ? std::string(entity.name) + " " : "";
  }
  EXPECT_EQ(names, "program_progress assessment_progress learning_plan_progress ");
}

std::string error_of(std::string_view names) {
  const auto chosen = select_columns(Table(EntityId::kCompanies), names);
  return chosen ? "" : chosen.error().message;
}

TEST(SelectColumns, GivesPlacesInTheOrderAskedFor) {
  EXPECT_EQ(select_columns(Table(EntityId::kCompanies), "name,id").value(),
            (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(select_columns(Table(EntityId::kProgramProgress, true), "programTitle").value(),
            (std::vector<std::size_t>{21}));
}

TEST(SelectColumns, RefusesAndNamesWhatItCannotTake) {
  EXPECT_EQ(error_of("id,colour\n"),
            "columns: \"colour\\n\" is not a column of companies; its columns are id, slug, name.");
  EXPECT_EQ(error_of(""),
            "columns: \"\" is not a column of companies; its columns are id, slug, name.");
  EXPECT_EQ(error_of("id,"),
            "columns: \"\" is not a column of companies; its columns are id, slug, name.");
  EXPECT_EQ(error_of("id,name,id"), "columns: id appears twice; name each column once.");
  EXPECT_EQ(error_of("Id"),
            "columns: \"Id\" is not a column of companies; its columns are id, slug, name.");
}

TEST(SelectColumns, KnowsFlatColumnsInTheFlatFormAlone) {
  EXPECT_FALSE(select_columns(Table(EntityId::kProgramProgress), "userEmail").has_value());
}

TEST(Format, IsFoundByTheNameThatItHas) {
  for (const Format format : formats()) {
    EXPECT_EQ(find_format(format_name(format)), format);
  }
  EXPECT_EQ(find_format("sqlite"), std::nullopt);
  EXPECT_EQ(find_format("CSV"), std::nullopt);
}

}  // namespace
}  // namespace matricula::tables
