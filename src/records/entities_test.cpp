#include "records/entities.h"

#include <gtest/gtest.h>

namespace matricula::records {
namespace {

TEST(Entities, ReferOnlyToEntitiesBeforeThem) {
  for (const Entity& entity : entities()) {
    for (const Field& field : entity.fields) {
      if (field.refers_to) {
        EXPECT_LT(*field.refers_to, entity.id) << entity.name << "." << field.name;
      }
    }
  }
}

TEST(Entities, AreFoundByFileName) {
  ASSERT_NE(find_entity("program_progress"), nullptr);
  EXPECT_EQ(find_entity("program_progress")->id, EntityId::kProgramProgress);
  EXPECT_EQ(find_entity("program-progress"), nullptr);
  EXPECT_EQ(find_field(entity(EntityId::kUsers), "lastName"), 3u);
  EXPECT_EQ(find_field(entity(EntityId::kUsers), "last_name"), std::nullopt);
}

}  // namespace
}  // namespace matricula::records
