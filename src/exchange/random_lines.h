#pragma once

#include <fmt/format.h>
#include <random>
#include <string>

namespace matricula::exchange {

// Lines of records of two companies that refer to each other, and deletes, at random.
class RandomLines {
 public:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // A line of the entity of this name.
  std::string line(const std::string& name) {
    deletes_ = pick(4) == 0;
    company_ = pick(2) == 0 ? "acme" : "bolt";
    contract_ = fmt::format("k{}", pick(3));
    program_ = fmt::format("g{}", pick(4));
    quiz_ = fmt::format("z{}", pick(3));
    plan_ = fmt::format("l{}{}", company_[0], pick(2));
    person_ = fmt::format("00000000-0000-4000-8000-{:012}", pick(5));
    return name.ends_with("progress") ? progress_line(name) : other_line(name);
  }

 private:
  // A line with this key and, where it deletes nothing, these other members.
  std::string with(const std::string& key, const std::string& members) const {
    return deletes_ ? fmt::format(R"({{"_delete":true,{}}})", key)
                    : fmt::format("{{{},{}}}", key, members);
  }
  std::string other_line(const std::string& name) {
    if (name == "users") {
      return with(
          fmt::format(R"("id":"{}")", person_),
          fmt::format(R"("email":"e{}@x.org","firstName":"{}","lastName":"")", pick(7), pick(3)));
    }
    if (name == "contracts") {
      return with(fmt::format(R"("id":"{}")", contract_),
                  fmt::format(R"("companyId":"{}","name":"{}")", company_, pick(3)));
    }
    if (name == "programs") {
      return with(
          fmt::format(R"("key":"{}","locale":"{}")", program_, pick(2) == 0 ? "en-us" : "de"),
          fmt::format(
              R"("version":1,"type":"PART","title":"{}","summary":"","syllabusUrl":"","imageUrl":"","redirectUrl":"","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":[])",
              pick(4)));
    }
    if (name == "contract_programs") {
      return with(fmt::format(R"("contractId":"{}","programKey":"{}")", contract_, program_),
                  fmt::format(R"("launchUrl":"/{}")", pick(3)));
    }
    if (name == "contract_assessments") {
      const std::string key =
          fmt::format(R"("contractId":"{}","assessmentId":"{}")", contract_, quiz_);
      return deletes_ ? with(key, "") : "{" + key + "}";
    }
    if (name == "assessments") {
      return with(
          fmt::format(R"("id":"{}")", quiz_),
          fmt::format(
              R"("title":"{}","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":{})",
              pick(3), pick(2)));
    }
    const std::string owner = pick(5) > 0 ? company_ : pick(2) == 0 ? "acme" : "bolt";
    return with(
        fmt::format(R"("id":"{}")", plan_),
        fmt::format(
            R"("companyId":"{}","title":"{}","key":"","slug":"","steps":[{{"stepId":"s","stepType":"{}","label":"","isRequired":true,"resourceKey":"{}"}}])",
            owner, pick(2), pick(2) == 0 ? "PROGRAM" : "ASSESSMENT",
            pick(2) == 0 ? program_ : quiz_));
  }
  std::string progress_line(const std::string& name) {
    if (name == "program_progress") {
      return with(
          fmt::format(R"("companyId":"{}","userId":"{}","programKey":"{}")", company_, person_,
                      program_),
          fmt::format(
              R"("programVersion":"1","programType":"PART","enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00Z","learnerHours":{},"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK")",
              pick(3)));
    }
    if (name == "assessment_progress") {
      return with(
          fmt::format(R"("attemptId":"a{}")", pick(6)),
          fmt::format(
              R"("companyId":"{}","userId":{},"assessmentId":"{}","assessmentStatus":"s{}","createdAt":"2025-01-01T00:00:00Z")",
              company_, pick(3) == 0 ? "null" : "\"" + person_ + "\"", quiz_, pick(2)));
    }
    return with(
        fmt::format(R"("planId":"{}","userId":"{}")", plan_, person_),
        fmt::format(
            R"("companyId":"{}","subscriptionStatus":"ACTIVE","requiredStepsTotal":{},"requiredStepsCompleted":0,"assessmentsComplete":0,"createdAt":"2025-01-01T00:00:00Z")",
            company_, pick(3)));
  }

  std::mt19937 random_{20261128};
  bool deletes_ = false;
  std::string company_;
  std::string contract_;
  std::string program_;
  std::string quiz_;
  std::string plan_;
  std::string person_;
};

}  // namespace matricula::exchange
