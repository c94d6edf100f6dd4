#include "tests/cases/access_model_data.h"

#include <fmt/format.h>
#include <fstream>
#include <utility>
#include <vector>

namespace matricula::cases {

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;  // by entity

// Records of a company, of so many people.
Lines company_lines(unsigned company, unsigned value, unsigned rows) {
  Lines lines;
  for (unsigned user = 0; user < rows; ++user) {
    const std::string who = fmt::format(
        R"("companyId":"c{}","userId":"00000000-0000-4000-8000-00000000000{}")", company, user);
    lines.emplace_back(
        "program_progress",
        fmt::format(R"({{{},"programKey":"p","programVersion":"1","programType":"COURSE",)"
                    R"("enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00Z",)"
                    R"("learnerHours":{},"completionPercentage":0,"projectsRequiredTotal":0,)"
                    R"("projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK"}})",
                    who, value));
    lines.emplace_back("assessment_progress",
                       fmt::format(R"({{{},"attemptId":"t{}-{}","assessmentId":"a",)"
                                   R"("assessmentStatus":"completed","assessmentReport":"c{}",)"
                                   R"("createdAt":"2025-01-01T00:00:00Z"}})",
                                   who, company, user, value));
    lines.emplace_back(
        "learning_plan_progress",
        fmt::format(R"({{{},"planId":"p{}","subscriptionStatus":"ACTIVE",)"
                    R"("requiredStepsTotal":1000000,"requiredStepsCompleted":{},)"
                    R"("assessmentsComplete":0,"createdAt":"2025-01-01T00:00:00Z"}})",
                    who, company, value));
  }
  return lines;
}

// Deletes of the records of the people from `first` on.
Lines deletes(unsigned company, unsigned first) {
  Lines lines;
  for (unsigned user = first; user < 3; ++user) {
    const std::string id = fmt::format("00000000-0000-4000-8000-00000000000{}", user);
    lines.emplace_back(
        "program_progress",
        fmt::format(R"({{"_delete":true,"companyId":"c{}","userId":"{}","programKey":"p"}})",
                    company, id));
    lines.emplace_back("assessment_progress",
                       fmt::format(R"({{"_delete":true,"attemptId":"t{}-{}"}})", company, user));
    lines.emplace_back(
        "learning_plan_progress",
        fmt::format(R"({{"_delete":true,"planId":"p{}","userId":"{}"}})", company, id));
  }
  return lines;
}

std::string person(unsigned user, unsigned name) {
  return fmt::format(R"({{"id":"00000000-0000-4000-8000-00000000000{0}",)"
                     R"("email":"u{0}.{1}@x.example","firstName":"U","lastName":"{0}"}})",
                     user, name);
}

void add_line(const std::string& directory, const std::string& entity, const std::string& json) {
  std::ofstream(directory + "/" + entity + ".ndjson", std::ios::app) << json << "\n";
}

}  // namespace

std::string company_name(unsigned company) {
  return fmt::format("c{}", company);
}

void write_access_data(const std::string& directory) {
  const auto line = [&](const std::string& entity, const std::string& json) {
    add_line(directory, entity, json);
  };
  line("assessments", R"({"id":"a","title":"A","category":"PASS_FAIL","isTimed":false,)"
                      R"("totalQuestionsInAssessment":1})");
  for (unsigned user = 0; user < 3; ++user) {
    line("users", person(user, 0));
  }
  for (unsigned c = 0; c < kCompanies; ++c) {
    line("companies", fmt::format(R"({{"id":"c{0}","slug":"s{0}","name":"C {0}"}})", c));
    line("learning_plans",
         fmt::format(R"({{"id":"p{0}","companyId":"c{0}","title":"P","key":"k","slug":"s",)"
                     R"("steps":[]}})",
                     c));
    for (const auto& [entity, json] : company_lines(c, c, 1 + c % 3)) {
      line(entity, json);
    }
  }
}

void write_company_data(const std::string& directory, unsigned company, unsigned value,
                        unsigned rows) {
  add_line(directory, "users", person(value % 3, value));
  for (const Lines& lines : {company_lines(company, value, rows), deletes(company, rows)}) {
    for (const auto& [entity, json] : lines) {
      add_line(directory, entity, json);
    }
  }
}

std::string request_of(const std::string& endpoint, unsigned plan) {
  if (endpoint == "catalog") {
    return R"({"query":"{ x: catalog { companyId } }"})";
  }
  if (endpoint == "program-progress") {
    return R"({"query":"{ x: programProgress { edges { node { learnerHours } } } }"})";
  }
  if (endpoint == "assessment-progress") {
    return R"({"query":"{ x: assessmentProgress { edges { node { assessmentReport } } } }"})";
  }
  return fmt::format(
      R"({{"query":"query ($p: ID!) {{ x: learningPlanProgress(input: {{planId: $p}}) )"
      R"({{ edges {{ node {{ requiredStepsCompleted }} }} }} }}","variables":{{"p":"p{}"}}}})",
      plan);
}

std::string records_of(const std::string& endpoint, const CompanyRecords& of) {
  const auto& [company, plan, value, rows] = of;
  if (endpoint == "catalog") {
    return fmt::format(R"({{"data":{{"x":{{"companyId":"c{}"}}}}}})", company);
  }
  if (endpoint == "learning-plan-progress" && plan != company) {
    return R"({"errors":[{"message":"not authorized","locations":[{"line":1,"column":19}],)"
           R"("path":["x"],"extensions":{"code":"UNAUTHORIZED"}}],"data":null})";
  }
  const std::string node = endpoint == "program-progress"
                               ? fmt::format(R"({{"learnerHours":{}}})", value)
                           : endpoint == "assessment-progress"
                               ? fmt::format(R"({{"assessmentReport":"c{}"}})", value)
                               : fmt::format(R"({{"requiredStepsCompleted":{}}})", value);
  std::string edges;
  for (unsigned row = 0; row < rows; ++row) {
    edges += fmt::format(R"({}{{"node":{}}})", edges.empty() ? "" : ",", node);
  }
  return fmt::format(R"({{"data":{{"x":{{"edges":[{}]}}}}}})", edges);
}

}  // namespace matricula::cases
