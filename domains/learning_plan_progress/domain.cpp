#include "domains/domains.h"

namespace matricula::domains::learning_plan_progress {
namespace {

using sql::ColumnType;
using sql::FilterKind;

enum Join : unsigned { kPerson, kPlan };

sql::Relation relation() {
  return {
      .name = "learning_plan_progress",
      .table = "learning_plan_progress t",
      .tenant = "t.company_id = ?1",
      .fixed = {{.name = "planId", .expression = "t.plan_id"}},
      .joins = {"JOIN users u ON u.id = t.user_id", "JOIN learning_plans l ON l.id = t.plan_id"},
      .columns =
          {
              {.name = "userId", .expression = "t.user_id", .type = ColumnType::kUuid},
              {.name = "planId", .expression = "t.plan_id"},
              {.name = "subscriptionStatus", .expression = "t.subscription_status"},
              {.name = "requiredStepsTotal",
               .expression = "t.required_steps_total",
               .type = ColumnType::kInteger},
              {.name = "requiredStepsCompleted",
               .expression = "t.required_steps_completed",
               .type = ColumnType::kInteger},
              {.name = "assessmentsComplete",
               .expression = "t.assessments_complete",
               .type = ColumnType::kInteger},
              {.name = "startedAt", .expression = "t.started_at", .type = ColumnType::kTime},
              {.name = "lastActiveAt", .expression = "t.last_active_at", .type = ColumnType::kTime},
              {.name = "completedAt", .expression = "t.completed_at", .type = ColumnType::kTime},
              {.name = "createdAt", .expression = "t.created_at", .type = ColumnType::kTime},
              {.name = "updatedAt", .expression = "t.updated_at", .type = ColumnType::kTime},
              {.name = "userEmail", .expression = "u.email", .join = kPerson},
              {.name = "planTitle", .expression = "l.title", .join = kPlan},
          },
      .orders =
          {
              {.name = "UPDATED_AT", .key = "t.updated_at", .type = ColumnType::kTime},
              {.name = "LAST_ACTIVE_AT", .key = "t.last_active_key", .type = ColumnType::kTime},
              {.name = "USER_ID", .key = "t.user_id", .type = ColumnType::kUuid, .unique = true},
          },
      .ties = {{.expression = "t.user_id", .type = ColumnType::kUuid}},
      .filters =
          {
              {.name = "filter.userIds",
               .expression = "t.user_id",
               .type = ColumnType::kUuid,
               .indexed = true},
              {.name = "filter.updatedAt",
               .expression = "t.updated_at",
               .type = ColumnType::kTime,
               .kind = FilterKind::kHalfOpen,
               .indexed = true,
               .index = "learning_plan_progress_by_updated"},
              {.name = "filter.lastActiveAt",
               .expression = "t.last_active_key",
               .type = ColumnType::kTime,
               .kind = FilterKind::kHalfOpen,
               .indexed = true,
               .index = "learning_plan_progress_by_last_active",
               .null_key = true},
              {.name = "filter.completedAt",
               .expression = "t.completed_at",
               .type = ColumnType::kTime,
               .kind = FilterKind::kHalfOpen},
              {.name = "filter.subscriptionStatus", .expression = "t.subscription_status"},
          },
      .ties_are_key = true,
      .histograms = {{.table = "learning_plan_progress_counts t",
                      .filters = {"filter.subscriptionStatus"}}},
  };
}

}  // namespace

Definition define() {
  return {.mapping = {
              .name = "learning-plan-progress",
              .scopes = {},
              .roots = {planning::ConnectionRoot{
                  .field = "learningPlanProgress",
                  .relation = relation(),
                  .guard = planning::Guard{
                      .argument = "input.planId",
                      .text = "SELECT 1 FROM learning_plans WHERE company_id = ?1 AND id = ?2"}}}}};
}

}  // namespace matricula::domains::learning_plan_progress
