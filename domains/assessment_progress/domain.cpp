#include "domains/domains.h"

namespace matricula::domains::assessment_progress {
namespace {

using sql::ColumnType;
using sql::FilterKind;

enum Join : unsigned { kPerson, kAssessment };

sql::Relation relation() {
  return {
      .name = "assessment_progress",
      .table = "assessment_progress t",
      .tenant = "t.company_id = ?1",
      .fixed = {},
      .joins = {"LEFT JOIN users u ON u.id = t.user_id",
                "LEFT JOIN assessments a ON a.id = t.assessment_id"},
      .columns =
          {
              {.name = "userId", .expression = "t.user_id", .type = ColumnType::kUuid},
              {.name = "assessmentId", .expression = "t.assessment_id"},
              {.name = "attemptId", .expression = "t.attempt_id"},
              {.name = "assessmentStatus", .expression = "t.assessment_status"},
              {.name = "assessmentResult", .expression = "t.assessment_result"},
              {.name = "assessmentReport", .expression = "t.assessment_report"},
              {.name = "createdAt", .expression = "t.created_at", .type = ColumnType::kTime},
              {.name = "updatedAt", .expression = "t.updated_at", .type = ColumnType::kTime},
              {.name = "userEmail", .expression = "u.email", .join = kPerson},
              {.name = "assessmentTitle", .expression = "a.title", .join = kAssessment},
              {.name = "learningPlanId", .expression = "t.learning_plan_id"},
          },
      .orders =
          {
              {.name = "ASSESSMENT_STATUS", .key = "t.assessment_status"},
              {.name = "ASSESSMENT_RESULT", .key = "t.assessment_result_key"},
              {.name = "CREATED_AT", .key = "t.created_at", .type = ColumnType::kTime},
              {.name = "UPDATED_AT", .key = "t.updated_at", .type = ColumnType::kTime},
          },
      .ties = {{.expression = "t.attempt_id"}},
      .filters =
          {
              {.name = "filter.userIds",
               .expression = "t.user_id",
               .type = ColumnType::kUuid,
               .indexed = true,
               .index = "assessment_progress_by_user"},
              {.name = "filter.assessmentIds",
               .expression = "t.assessment_id",
               .indexed = true,
               .index = "assessment_progress_by_assessment"},
              {.name = "filter.updatedAt",
               .expression = "t.updated_at",
               .type = ColumnType::kTime,
               .kind = FilterKind::kHalfOpen,
               .indexed = true,
               .index = "assessment_progress_by_updated"},
              {.name = "filter.createdAt",
               .expression = "t.created_at",
               .type = ColumnType::kTime,
               .kind = FilterKind::kHalfOpen,
               .indexed = true,
               .index = "assessment_progress_by_created"},
              {.name = "filter.assessmentStatus",
               .expression = "t.assessment_status",
               .indexed = true,
               .index = "assessment_progress_by_status"},
              {.name = "filter.assessmentResult",
               .expression = "t.assessment_result_key",
               .indexed = true,
               .index = "assessment_progress_by_result",
               .prefix = "."},
              {.name = "filter.learningPlanIds", .expression = "t.learning_plan_id"},
          },
      .ties_are_key = true,
      .histograms = {{.table = "assessment_progress_counts t",
                      .filters = {"filter.assessmentStatus", "filter.assessmentResult"}}},
  };
}

}  // namespace

Definition define() {
  return {.mapping = {.name = "assessment-progress",
                      .scopes = {},
                      .roots = {planning::ConnectionRoot{.field = "assessmentProgress",
                                                         .relation = relation()}}}};
}

}  // namespace matricula::domains::assessment_progress
