#include "tests/cases/access_model_data.h"

#include <fmt/format.h>
#include <fstream>

namespace matricula::cases {

std::string company_name(unsigned company) {
  return fmt::format("c{}", company);
}

void write_access_data(const std::string& directory) {
  const auto line = [&](const char* entity, const std::string& json) {
    std::ofstream(directory + "/" + entity + ".ndjson", std::ios::app) << json << "\n";
  };
  line("assessments", R"({"id":"a","title":"A","category":"PASS_FAIL","isTimed":false,)"
                      R"("totalQuestionsInAssessment":1})");
  for (unsigned user = 0; user < 3; ++user) {
    line("users", fmt::format(R"({{"id":"00000000-0000-4000-8000-00000000000{0}",)"
                              R"("email":"u{0}@x.example","firstName":"U","lastName":"{0}"}})",
                              user));
  }
  for (unsigned c = 0; c < kCompanies; ++c) {
    line("companies", fmt::format(R"({{"id":"c{0}","slug":"s{0}","name":"C {0}"}})", c));
    line("learning_plans",
         fmt::format(R"({{"id":"p{0}","companyId":"c{0}","title":"P","key":"k","slug":"s",)"
                     R"("steps":[]}})",
                     c));
    for (unsigned user = 0; user <= c % 3; ++user) {
      const std::string who = fmt::format(
          R"("companyId":"c{}","userId":"00000000-0000-4000-8000-00000000000{}")", c, user);
      line("program_progress",
           fmt::format(R"({{{},"programKey":"p","programVersion":"1","programType":"COURSE",)"
                       R"("enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00Z",)"
                       R"("learnerHours":{},"completionPercentage":0,"projectsRequiredTotal":0,)"
                       R"("projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK"}})",
                       who, c));
      line("assessment_progress",
           fmt::format(R"({{{},"attemptId":"t{}-{}","assessmentId":"a",)"
                       R"("assessmentStatus":"completed","assessmentReport":"c{}",)"
                       R"("createdAt":"2025-01-01T00:00:00Z"}})",
                       who, c, user, c));
      line("learning_plan_progress",
           fmt::format(R"({{{},"planId":"p{}","subscriptionStatus":"ACTIVE",)"
                       R"("requiredStepsTotal":99,"requiredStepsCompleted":{},)"
                       R"("assessmentsComplete":0,"createdAt":"2025-01-01T00:00:00Z"}})",
                       who, c, c));
    }
  }
}

}  // namespace matricula::cases
