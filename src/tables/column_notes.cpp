#include "tables/column_notes.h"

#include <algorithm>
#include <span>

#include "base/assert.h"

namespace matricula::tables {
namespace {

using records::EntityId;

struct Note {
  std::string_view field;
  std::string_view text;
};

struct Notes {
  std::string_view table;
  std::span<const Note> columns;
};

constexpr Note kCompanies[] = {
    {"id", "The id of the company."},
    {"slug", "Its name in addresses, unique."},
    {"name", "The name of the company."},
};

constexpr Note kContracts[] = {
    {"id", "The id of the contract."},
    {"companyId", "The company whose contract it is."},
    {"name", "The name of the contract."},
    {"startsAt", "When the contract begins; it informs and restricts nothing."},
    {"endsAt", "When the contract ends; it informs and restricts nothing."},
};

constexpr Note kUsers[] = {
    {"id", "The id of the person."},
    {"email", "The e-mail address, unique in any case of letters."},
    {"firstName", "The first name."},
    {"lastName", "The last name."},
};

constexpr Note kPrograms[] = {
    {"key", "The key, stable over versions and locales."},
    {"version", "The version."},
    {"locale", "The language of this row, such as en-us."},
    {"type", "The kind of program."},
    {"title", "The title."},
    {"summary", "What it is about."},
    {"syllabusUrl", "The syllabus."},
    {"imageUrl", "A picture."},
    {"redirectUrl", "The program itself."},
    {"duration", "How long it usually takes, as ISO 8601."},
    {"modifiedDate", "When the program last changed."},
    {"skillNames", "What is learnt."},
    {"difficultyLevel", "Such as Beginner."},
    {"supportedLanguages", "Languages that it can be taken in."},
    {"translations", "Its texts in other languages."},
};

constexpr Note kContractPrograms[] = {
    {"contractId", "The contract."},
    {"programKey", "The program that it covers."},
    {"launchUrl", "The link that logs a person in and starts the program."},
};

constexpr Note kAssessments[] = {
    {"id", "The id of the assessment."},
    {"title", "The title."},
    {"category", "Whether it is passed or failed, or only practised."},
    {"passingScore", "The score that passes; null where nothing has to be passed."},
    {"isTimed", "Whether there is a time limit."},
    {"timeLimit", "The time limit, as ISO 8601."},
    {"totalQuestionsInAssessment", "How many questions it has."},
};

constexpr Note kContractAssessments[] = {
    {"contractId", "The contract."},
    {"assessmentId", "The assessment that it covers."},
};

constexpr Note kLearningPlans[] = {
    {"id", "The id of the learning plan."},
    {"companyId", "The company whose plan it is."},
    {"title", "The title."},
    {"key", "The key, stable over versions."},
    {"slug", "Its name in addresses."},
    {"steps", "Its steps, in order."},
    {"contractId", "The contract that the plan belongs to, if any."},
};

constexpr Note kProgramProgress[] = {
    {"companyId", "The company of the enrolment."},
    {"userId", "The person."},
    {"programKey", "The key of the program, as in programs; it may be missing there."},
    {"programVersion", "The version of the program that is taken."},
    {"programType", "The kind of program."},
    {"enrollmentStatus", "The status of the enrolment."},
    {"enrolledAt", "When the enrolment began."},
    {"unenrolledAt", "When the enrolment was ended before its goal."},
    {"graduatedAt", "When the person graduated."},
    {"completedAt", "When everything required was completed."},
    {"lastActiveAt", "When the person was last active; null before the first time."},
    {"learnerHours", "Hours spent learning."},
    {"completionPercentage", "How much is completed, 0 to 100."},
    {"projectsRequiredTotal", "Projects that must be passed."},
    {"projectsRequiredCompleted", "Projects that were passed."},
    {"onTrackStatus", "Whether the person will reach the goal in time."},
    {"learningPlanId", "The learning plan that the record belongs to, if any."},
    {"updatedAt", "When the record last changed."},
};

constexpr Note kAssessmentProgress[] = {
    {"companyId", "The company of the attempt."},
    {"attemptId", "The id of the attempt."},
    {"userId", "The person; null where the person is not known."},
    {"assessmentId", "The assessment."},
    {"assessmentStatus", "An open list: in_progress, completed, ..."},
    {"assessmentResult", "An open list: passed, failed, ..."},
    {"assessmentReport", "JSON text of the report, where there is one."},
    {"learningPlanId", "The learning plan that the record belongs to, if any."},
    {"createdAt", "When the record was made."},
    {"updatedAt", "When the record last changed."},
};

constexpr Note kLearningPlanProgress[] = {
    {"companyId", "The company of the learning plan."},
    {"planId", "The learning plan."},
    {"userId", "The person."},
    {"subscriptionStatus", "The status of the subscription."},
    {"requiredStepsTotal", "Steps that count."},
    {"requiredStepsCompleted", "Steps that count and are completed."},
    {"assessmentsComplete", "Assessments completed."},
    {"startedAt", "When the person began."},
    {"lastActiveAt", "When the person was last active; null before the first time."},
    {"completedAt", "When everything required was completed."},
    {"createdAt", "When the record was made."},
    {"updatedAt", "When the record last changed."},
};

Notes notes_of(EntityId entity) {
  switch (entity) {
    case EntityId::kCompanies:
      return {.table = "One company.", .columns = kCompanies};
    case EntityId::kContracts:
      return {.table = "One contract of the company.", .columns = kContracts};
    case EntityId::kUsers:
      return {.table = "One person that records of the company are about.", .columns = kUsers};
    case EntityId::kPrograms:
      return {.table = "One program in one locale.", .columns = kPrograms};
    case EntityId::kContractPrograms:
      return {.table = "One program that a contract covers.", .columns = kContractPrograms};
    case EntityId::kAssessments:
      return {.table = "One assessment.", .columns = kAssessments};
    case EntityId::kContractAssessments:
      return {.table = "One assessment that a contract covers.", .columns = kContractAssessments};
    case EntityId::kLearningPlans:
      return {.table = "One learning plan of the company.", .columns = kLearningPlans};
    case EntityId::kProgramProgress:
      return {.table = "One person in one program.", .columns = kProgramProgress};
    case EntityId::kAssessmentProgress:
      return {.table = "One attempt at an assessment.", .columns = kAssessmentProgress};
    case EntityId::kLearningPlanProgress:
      return {.table = "One person in one learning plan.", .columns = kLearningPlanProgress};
  }
  MATRICULA_ASSERT(false);
}

}  // namespace

std::string_view table_note(EntityId entity) {
  return notes_of(entity).table;
}

std::string_view column_note(EntityId entity, std::string_view field) {
  const std::span<const Note> notes = notes_of(entity).columns;
  const auto found = std::ranges::find(notes, field, &Note::field);
  MATRICULA_ASSERT(found != notes.end());
  return found->text;
}

}  // namespace matricula::tables
