#include "domains/domains.h"

namespace matricula::domains::program_progress {
namespace {

using sql::ColumnType;
using sql::FilterKind;

enum Join : unsigned { kPerson, kTitle };

std::vector<sql::Column> columns() {
  return {
      {.name = "userId", .expression = "t.user_id", .type = ColumnType::kUuid},
      {.name = "userEmail", .expression = "u.email", .join = kPerson},
      {.name = "userFirstName", .expression = "u.first_name", .join = kPerson},
      {.name = "userLastName", .expression = "u.last_name", .join = kPerson},
      {.name = "enrollmentStatus", .expression = "t.enrollment_status"},
      {.name = "enrolledAt", .expression = "t.enrolled_at", .type = ColumnType::kTime},
      {.name = "unenrolledAt", .expression = "t.unenrolled_at", .type = ColumnType::kTime},
      {.name = "graduatedAt", .expression = "t.graduated_at", .type = ColumnType::kTime},
      {.name = "completedAt", .expression = "t.completed_at", .type = ColumnType::kTime},
      {.name = "programKey", .expression = "t.program_key"},
      {.name = "programVersion", .expression = "t.program_version"},
      {.name = "programType", .expression = "t.program_type"},
      {.name = "lastActiveAt", .expression = "t.last_active_at", .type = ColumnType::kTime},
      {.name = "learnerHours", .expression = "t.learner_hours", .type = ColumnType::kReal},
      {.name = "completionPercentage",
       .expression = "t.completion_percentage",
       .type = ColumnType::kReal},
      {.name = "projectsRequiredTotal",
       .expression = "t.projects_required_total",
       .type = ColumnType::kInteger},
      {.name = "projectsRequiredCompleted",
       .expression = "t.projects_required_completed",
       .type = ColumnType::kInteger},
      {.name = "onTrackStatus", .expression = "t.on_track_status"},
      {.name = "learningPlanId", .expression = "t.learning_plan_id"},
      {.name = "programTitle", .expression = "p.title", .join = kTitle},
      {.name = "updatedAt", .expression = "t.updated_at", .type = ColumnType::kTime},
  };
}

std::vector<sql::Order> orders() {
  return {
      {.name = "EMAIL",
       .key = "t.email_key",
       .by_person = true,
       .covers = {"t.program_type", "t.enrollment_status", "t.on_track_status"}},
      {.name = "PROGRAM_TITLE", .key = "t.title_key"},
      {.name = "ENROLLMENT_STATUS",
       .key = "t.enrollment_status",
       .index = "program_progress_by_enrollment_status"},
      {.name = "LAST_ACTIVE", .key = "t.last_active_key", .type = ColumnType::kTime},
      {.name = "COMPLETED_PROJECTS",
       .key = "t.projects_required_completed",
       .type = ColumnType::kInteger},
      {.name = "ENROLLED_AT", .key = "t.enrolled_at", .type = ColumnType::kTime},
      {.name = "COMPLETION_PERCENTAGE",
       .key = "t.completion_percentage",
       .type = ColumnType::kReal},
      {.name = "UPDATED_AT", .key = "t.updated_at", .type = ColumnType::kTime},
  };
}

// A range of times; `index` is that of the expression, if it has one.
sql::Filter half_open(std::string_view name, std::string_view expression,
                      std::string_view index = {}) {
  return {.name = name,
          .expression = expression,
          .type = ColumnType::kTime,
          .kind = FilterKind::kHalfOpen,
          .indexed = !index.empty(),
          .index = index};
}

std::vector<sql::Filter> filters() {
  return {
      {.name = "filter.userIds",
       .expression = "t.user_id",
       .type = ColumnType::kUuid,
       .indexed = true},
      {.name = "filter.userEmails",
       .expression = "t.email_key",
       .indexed = true,
       .index = "program_progress_by_email",
       .lower_case = true},
      {.name = "query",
       .expression = "t.user_id",
       .type = ColumnType::kUuid,
       .kind = FilterKind::kSearch,
       .searched = "(SELECT person.search FROM users person WHERE person.id = t.user_id)"},
      {.name = "filter.learningPlanIds",
       .expression = "t.learning_plan_id",
       .indexed = true,
       .index = "program_progress_by_plan",
       .is_ordered = true},
      {.name = "filter.programKeys",
       .expression = "t.program_key",
       .indexed = true,
       .index = "program_progress_by_program",
       .is_ordered = true},
      half_open("filter.updatedAt", "t.updated_at", "program_progress_by_updated"),
      half_open("filter.enrolledAt", "t.enrolled_at", "program_progress_by_enrolled"),
      {.name = "filter.lastActiveAt",
       .expression = "t.last_active_key",
       .type = ColumnType::kTime,
       .kind = FilterKind::kHalfOpen,
       .indexed = true,
       .index = "program_progress_by_last_active",
       .null_key = true},
      half_open("filter.completedAt", "t.completed_at"),
      half_open("filter.graduatedAt", "t.graduated_at"),
      {.name = "filter.completionPercentage",
       .expression = "t.completion_percentage",
       .type = ColumnType::kReal,
       .kind = FilterKind::kClosed,
       .indexed = true,
       .index = "program_progress_by_completion"},
      {.name = "filter.enrollmentStatus",
       .expression = "t.enrollment_status",
       .indexed = true,
       .index = "program_progress_by_enums",
       .is_joint = true},
      {.name = "filter.onTrackStatus",
       .expression = "t.on_track_status",
       .indexed = true,
       .index = "program_progress_by_enums",
       .is_joint = true},
      {.name = "filter.programType",
       .expression = "t.program_type",
       .indexed = true,
       .index = "program_progress_by_enums",
       .is_joint = true},
  };
}

sql::Relation relation() {
  return {
      .name = "program_progress",
      .table = "program_progress t",
      .tenant = "t.company_id = ?1",
      .fixed = {},
      .joins = {"JOIN users u ON u.id = t.user_id",
                "LEFT JOIN program_titles p ON p.key = t.program_key"},
      .columns = columns(),
      .orders = orders(),
      .ties = {{.expression = "t.user_id", .type = ColumnType::kUuid},
               {.expression = "t.program_key"}},
      .filters = filters(),
      .ties_are_key = true,
      .histograms = {{.table = "program_progress_counts t",
                      .filters = {"filter.enrollmentStatus", "filter.onTrackStatus",
                                  "filter.programType"}},
                     {.table = "program_progress_program_counts t",
                      .filters = {"filter.programKeys", "filter.enrollmentStatus",
                                  "filter.onTrackStatus", "filter.programType"}}},
  };
}

}  // namespace

Definition define() {
  return {.mapping = {.name = "program-progress",
                      .scopes = {},
                      .roots = {planning::ConnectionRoot{.field = "programProgress",
                                                         .relation = relation()}}}};
}

}  // namespace matricula::domains::program_progress
