#include "records/entities.h"

#include <array>

#include "base/assert.h"
#include "records/limits.h"
#include "records/values.h"

namespace matricula::records {
namespace {

using enum FieldType;
using enum EntityId;

constexpr Field kCompanyFields[] = {
    {.name = "id", .column = "id", .type = kId, .is_key = true},
    {.name = "slug", .column = "slug", .type = kId},
    {.name = "name", .column = "name"},
};

constexpr Field kContractFields[] = {
    {.name = "id", .column = "id", .type = kId, .is_key = true},
    {.name = "companyId", .column = "company_id", .type = kId, .refers_to = kCompanies},
    {.name = "name", .column = "name"},
    {.name = "startsAt", .column = "starts_at", .type = kTime, .is_optional = true},
    {.name = "endsAt", .column = "ends_at", .type = kTime, .is_optional = true},
};

constexpr Field kUserFields[] = {
    {.name = "id", .column = "id", .type = kUuid, .is_key = true},
    {.name = "email", .column = "email", .type = kEmail},
    {.name = "firstName", .column = "first_name"},
    {.name = "lastName", .column = "last_name"},
};

constexpr Field kProgramFields[] = {
    {.name = "key", .column = "key", .type = kId, .is_key = true},
    {.name = "version", .column = "version", .type = kInteger},
    {.name = "locale", .column = "locale", .type = kId, .is_key = true},
    {.name = "type", .column = "type", .type = kEnum, .values = kCatalogProgramTypes},
    {.name = "title", .column = "title", .bytes_max = kTitleBytesMax},
    {.name = "summary", .column = "summary"},
    {.name = "syllabusUrl", .column = "syllabus_url", .type = kUrl},
    {.name = "imageUrl", .column = "image_url", .type = kUrl},
    {.name = "redirectUrl", .column = "redirect_url", .type = kUrl},
    {.name = "duration", .column = "duration", .type = kDuration},
    {.name = "modifiedDate", .column = "modified_date", .type = kTime},
    {.name = "skillNames", .column = "skill_names", .type = kTextList},
    {.name = "difficultyLevel", .column = "difficulty_level", .is_optional = true},
    {.name = "supportedLanguages",
     .column = "supported_languages",
     .type = kTextList,
     .is_optional = true},
    {.name = "translations", .column = "translations", .type = kTranslations, .is_optional = true},
};

constexpr Field kContractProgramFields[] = {
    {.name = "contractId",
     .column = "contract_id",
     .type = kId,
     .is_key = true,
     .refers_to = kContracts},
    {.name = "programKey",
     .column = "program_key",
     .type = kId,
     .is_key = true,
     .refers_to = kPrograms},
    {.name = "launchUrl", .column = "launch_url", .type = kUrl},
};

constexpr Field kAssessmentFields[] = {
    {.name = "id", .column = "id", .type = kId, .is_key = true},
    {.name = "title", .column = "title", .bytes_max = kTitleBytesMax},
    {.name = "category", .column = "category", .type = kEnum, .values = kAssessmentCategories},
    {.name = "passingScore", .column = "passing_score", .type = kReal, .is_optional = true},
    {.name = "isTimed", .column = "is_timed", .type = kFlag},
    {.name = "timeLimit", .column = "time_limit", .type = kDuration, .is_optional = true},
    {.name = "totalQuestionsInAssessment",
     .column = "total_questions_in_assessment",
     .type = kInteger},
};

constexpr Field kContractAssessmentFields[] = {
    {.name = "contractId",
     .column = "contract_id",
     .type = kId,
     .is_key = true,
     .refers_to = kContracts},
    {.name = "assessmentId",
     .column = "assessment_id",
     .type = kId,
     .is_key = true,
     .refers_to = kAssessments},
};

constexpr Field kLearningPlanFields[] = {
    {.name = "id", .column = "id", .type = kId, .is_key = true},
    {.name = "companyId", .column = "company_id", .type = kId, .refers_to = kCompanies},
    {.name = "title", .column = "title", .bytes_max = kTitleBytesMax},
    {.name = "key", .column = "key", .is_identifier = true, .bytes_max = kKeyBytesMax},
    {.name = "slug", .column = "slug", .is_identifier = true, .bytes_max = kKeyBytesMax},
    {.name = "steps", .column = "steps", .type = kSteps},
    {.name = "contractId",
     .column = "contract_id",
     .type = kId,
     .is_optional = true,
     .refers_to = kContracts},
};

constexpr Field kProgramProgressFields[] = {
    {.name = "companyId",
     .column = "company_id",
     .type = kId,
     .is_key = true,
     .refers_to = kCompanies},
    {.name = "userId", .column = "user_id", .type = kUuid, .is_key = true, .refers_to = kUsers},
    {.name = "programKey",
     .column = "program_key",
     .type = kId,
     .is_key = true,
     .refers_to = kPrograms,
     .is_loose = true},
    {.name = "programVersion", .column = "program_version"},
    {.name = "programType",
     .column = "program_type",
     .type = kEnum,
     .values = kProgressProgramTypes},
    {.name = "enrollmentStatus",
     .column = "enrollment_status",
     .type = kEnum,
     .values = kEnrollmentStatuses},
    {.name = "enrolledAt", .column = "enrolled_at", .type = kTime},
    {.name = "unenrolledAt", .column = "unenrolled_at", .type = kTime, .is_optional = true},
    {.name = "graduatedAt", .column = "graduated_at", .type = kTime, .is_optional = true},
    {.name = "completedAt", .column = "completed_at", .type = kTime, .is_optional = true},
    {.name = "lastActiveAt", .column = "last_active_at", .type = kTime, .is_optional = true},
    {.name = "learnerHours", .column = "learner_hours", .type = kReal},
    {.name = "completionPercentage",
     .column = "completion_percentage",
     .type = kReal,
     .real_max = 100},
    {.name = "projectsRequiredTotal", .column = "projects_required_total", .type = kInteger},
    {.name = "projectsRequiredCompleted",
     .column = "projects_required_completed",
     .type = kInteger},
    {.name = "onTrackStatus",
     .column = "on_track_status",
     .type = kEnum,
     .values = kOnTrackStatuses},
    {.name = "learningPlanId",
     .column = "learning_plan_id",
     .type = kId,
     .is_optional = true,
     .refers_to = kLearningPlans},
    {.name = "updatedAt",
     .column = "updated_at",
     .type = kTime,
     .is_optional = true,
     .defaults_to_now = true},
};

constexpr Field kAssessmentProgressFields[] = {
    {.name = "companyId", .column = "company_id", .type = kId, .refers_to = kCompanies},
    {.name = "attemptId", .column = "attempt_id", .type = kId, .is_key = true},
    {.name = "userId",
     .column = "user_id",
     .type = kUuid,
     .is_optional = true,
     .refers_to = kUsers},
    {.name = "assessmentId", .column = "assessment_id", .type = kId, .refers_to = kAssessments},
    {.name = "assessmentStatus", .column = "assessment_status", .type = kId},
    {.name = "assessmentResult",
     .column = "assessment_result",
     .is_optional = true,
     .bytes_max = kKeyBytesMax},
    {.name = "assessmentReport", .column = "assessment_report", .is_optional = true},
    {.name = "learningPlanId",
     .column = "learning_plan_id",
     .type = kId,
     .is_optional = true,
     .refers_to = kLearningPlans},
    {.name = "createdAt", .column = "created_at", .type = kTime},
    {.name = "updatedAt",
     .column = "updated_at",
     .type = kTime,
     .is_optional = true,
     .defaults_to_now = true},
};

constexpr Field kLearningPlanProgressFields[] = {
    {.name = "companyId", .column = "company_id", .type = kId, .refers_to = kCompanies},
    {.name = "planId",
     .column = "plan_id",
     .type = kId,
     .is_key = true,
     .refers_to = kLearningPlans},
    {.name = "userId", .column = "user_id", .type = kUuid, .is_key = true, .refers_to = kUsers},
    {.name = "subscriptionStatus",
     .column = "subscription_status",
     .type = kEnum,
     .values = kSubscriptionStatuses},
    {.name = "requiredStepsTotal", .column = "required_steps_total", .type = kInteger},
    {.name = "requiredStepsCompleted", .column = "required_steps_completed", .type = kInteger},
    {.name = "assessmentsComplete", .column = "assessments_complete", .type = kInteger},
    {.name = "startedAt", .column = "started_at", .type = kTime, .is_optional = true},
    {.name = "lastActiveAt", .column = "last_active_at", .type = kTime, .is_optional = true},
    {.name = "completedAt", .column = "completed_at", .type = kTime, .is_optional = true},
    {.name = "createdAt", .column = "created_at", .type = kTime},
    {.name = "updatedAt",
     .column = "updated_at",
     .type = kTime,
     .is_optional = true,
     .defaults_to_now = true},
};

constexpr std::array<Entity, kEntityCount> kEntities = {{
    {kCompanies, "companies", "company", kCompanyFields, "id", "id"},
    {kContracts, "contracts", "contract", kContractFields, "id", "id"},
    {kUsers, "users", "user", kUserFields, "id", "id"},
    {kPrograms, "programs", "program", kProgramFields, "key, locale", "key, locale"},
    {kContractPrograms, "contract_programs", "contract program", kContractProgramFields,
     "contract_id, program_key", "contract_id, program_key"},
    {kAssessments, "assessments", "assessment", kAssessmentFields, "id", "id"},
    {kContractAssessments, "contract_assessments", "contract assessment", kContractAssessmentFields,
     "contract_id, assessment_id", "contract_id, assessment_id"},
    {kLearningPlans, "learning_plans", "learning plan", kLearningPlanFields, "id", "id"},
    {kProgramProgress, "program_progress", "program progress", kProgramProgressFields,
     "company_id, user_id, program_key", "company_id, user_id, program_key"},
    {kAssessmentProgress, "assessment_progress", "assessment progress", kAssessmentProgressFields,
     "attempt_id", "company_id, attempt_id"},
    {kLearningPlanProgress, "learning_plan_progress", "learning plan progress",
     kLearningPlanProgressFields, "company_id, plan_id, user_id", "company_id, plan_id, user_id"},
}};

static_assert([] {
  for (std::size_t i = 0; i < kEntityCount; ++i) {
    if (static_cast<std::size_t>(kEntities[i].id) != i || kEntities[i].fields.size() > kFieldsMax) {
      return false;
    }
  }
  return true;
}());

}  // namespace

bool brings_identifiers(const Field& field) {
  return (field.type == kId || field.is_identifier) && (!field.refers_to || field.is_loose);
}

std::span<const Entity> entities() {
  return kEntities;
}

const Entity& entity(EntityId id) {
  return kEntities[static_cast<std::size_t>(id)];
}

const Entity* find_entity(std::string_view name) {
  for (const Entity& candidate : kEntities) {
    if (candidate.name == name) {
      return &candidate;
    }
  }
  return nullptr;
}

std::optional<std::size_t> find_field(const Entity& entity, std::string_view name) {
  for (std::size_t i = 0; i < entity.fields.size(); ++i) {
    if (entity.fields[i].name == name) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace matricula::records
