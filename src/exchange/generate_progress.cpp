#include "exchange/generate_progress.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/escape.h"
#include "base/time_text.h"
#include "exchange/generate_people.h"

namespace matricula::exchange {

std::uint64_t required_steps(std::uint64_t seed, const SyntheticCompany& company,
                             std::uint64_t plan) {
  return 3 + Random(mix(seed, 21, text_number(plan_id(company, plan)))).below(6);
}

std::string time_member(const char* name, Timestamp time) {
  return fmt::format(",\"{}\":\"{}\"", name, time_text(time));
}

namespace {

// The course of an enrolment: a time is set where its flag is.
struct Enrolment {
  bool graduated = false;
  bool unenrolled = false;
  bool done = false;
  bool started = false;
  const char* status = "";
  const char* track = "";
  int total = 0;
  int completed = 0;
  double hours = 0;
  double percentage = 0;
  Timestamp enrolled = 0;
  Timestamp active = 0;
  Timestamp end = 0;
};

Enrolment draw_enrolment(const Setting& setting, const SyntheticProgram& program, Random& random) {
  const double roll = random.unit();
  const bool graduated = roll < 0.27;
  const bool unenrolled = roll >= 0.27 && roll < 0.42;
  const bool fixed = roll >= 0.42 && roll < 0.48;
  const bool started = graduated || random.chance(0.8);
  const int total = program.kind == ProgramKind::kNanodegree
                        ? static_cast<int>(random.between(3, 6))
                    : program.kind == ProgramKind::kCourse ? static_cast<int>(random.between(0, 2))
                                                           : static_cast<int>(random.between(0, 1));
  // Progress has a mass near the beginning and one near the end.
  double percentage = !started            ? 0
                      : graduated         ? 100
                      : random.chance(.5) ? random.unit() * 12
                      : random.chance(.6) ? 88 + random.unit() * 12
                                          : random.unit() * 100;
  percentage = std::round(percentage * 10) / 10;
  // All watched, and a project still open.
  const bool is_open = !graduated && started && total > 0 && random.chance(0.01);
  percentage = is_open ? 100 : percentage;
  const bool done = graduated || percentage >= 100;
  const int completed = graduated ? total
                        : is_open ? total - 1
                                  : std::min(total, static_cast<int>(percentage / 100 * total));
  const bool ready = !graduated && total > 0 && completed == total;
  // Whole hours, so that equal times exist.
  const Timestamp enrolled =
      setting.now - random.between(20, 700) * kMicrosPerDay + random.between(6, 20) * kHour;
  const std::int64_t since = (setting.now - enrolled) / kHour;
  const Timestamp active = std::min(
      setting.now, enrolled + std::min<std::int64_t>(
                                  since, static_cast<std::int64_t>(24 * random.weibull(90, 0.7))) *
                                  kHour);
  const Timestamp end = std::min(setting.now, active + random.between(0, 72) * kHour);
  const double median = program.kind == ProgramKind::kNanodegree ? 90
                        : program.kind == ProgramKind::kCourse   ? 29
                                                                 : 5;
  const double hours = std::round(random.log_normal(median, 0.3) * percentage) / 100;
  const char* const status = graduated    ? "GRADUATED"
                             : unenrolled ? "UNENROLLED"
                             : fixed      ? "STATIC_ACCESS"
                                          : "ENROLLED";
  const char* const track = graduated             ? "GRADUATED"
                            : ready               ? "READY_TO_GRADUATE"
                            : done                ? "COMPLETED"
                            : random.chance(0.48) ? "ON_TRACK"
                            : random.chance(0.42) ? "MONITOR"
                                                  : "OFF_TRACK";
  return {.graduated = graduated,
          .unenrolled = unenrolled,
          .done = done,
          .started = started,
          .status = status,
          .track = track,
          .total = total,
          .completed = completed,
          .hours = hours,
          .percentage = percentage,
          .enrolled = enrolled,
          .active = active,
          .end = end};
}

}  // namespace

std::string enrolment_line(const Setting& setting, const SyntheticCompany& company,
                           std::uint64_t learner, const SyntheticProgram& program, Random& random) {
  const Enrolment drawn = draw_enrolment(setting, program, random);
  std::string line = fmt::format(
      R"({{"companyId":"{}","userId":"{}","programKey":"{}","programVersion":"{}.0.{}","programType":"{}","enrollmentStatus":"{}","enrolledAt":"{}")",
      company.id, person_id(setting.seed, learner), program.key, random.between(1, 4),
      random.below(9),
      program.kind == ProgramKind::kNanodegree ? "NANODEGREE"
      : program.kind == ProgramKind::kCourse   ? "COURSE"
                                               : "PART",
      drawn.status, time_text(drawn.enrolled));
  if (drawn.unenrolled) {
    line += time_member("unenrolledAt", drawn.end);
  }
  if (drawn.graduated) {
    line += time_member("graduatedAt", drawn.end);
  }
  if (drawn.done) {
    line += time_member("completedAt", drawn.active);
  }
  if (drawn.started) {
    line += time_member("lastActiveAt", drawn.active);
  }
  line += fmt::format(
      R"(,"learnerHours":{},"completionPercentage":{},"projectsRequiredTotal":{},"projectsRequiredCompleted":{},"onTrackStatus":"{}")",
      drawn.hours, drawn.percentage, drawn.total, drawn.completed, drawn.track);
  if (random.chance(0.3)) {
    line += fmt::format(R"(,"learningPlanId":"{}")", plan_id(company, random.below(company.plans)));
  }
  return line + time_member("updatedAt", drawn.started ? drawn.end : drawn.enrolled) + "}\n";
}

std::string attempt_line(const Setting& setting, const SyntheticCompany& company,
                         const Attempt& attempt, Random& random) {
  const Timestamp created =
      setting.now - random.between(1, 500) * kMicrosPerDay + random.between(0, 23) * kHour;
  const bool open = random.chance(0.12);
  const bool passed = random.chance(attempt.chance_to_pass);
  const auto score = passed ? random.between(80, 100) : random.between(20, 79);
  std::string line = fmt::format(R"({{"companyId":"{}","attemptId":"{}")", company.id, attempt.id);
  if (!random.chance(0.01)) {
    line += fmt::format(R"(,"userId":"{}")", person_id(setting.seed, attempt.learner));
  }
  line += fmt::format(R"(,"assessmentId":"{}","assessmentStatus":"{}")", attempt.assessment.id,
                      open ? "in_progress" : "completed");
  if (!open) {
    line += fmt::format(R"(,"assessmentResult":"{}")", passed ? "passed" : "failed");
    if (random.chance(0.5)) {
      line += fmt::format(R"(,"assessmentReport":{})",
                          json_string(fmt::format(R"({{"totalScore":{}}})", score)));
    }
  }
  if (random.chance(0.2)) {
    line += fmt::format(R"(,"learningPlanId":"{}")", plan_id(company, random.below(company.plans)));
  }
  return line + time_member("createdAt", created) +
         time_member("updatedAt", std::min(setting.now, created + (open ? 0 : kHour))) + "}\n";
}

Subscription draw_subscription(const Setting& setting, const SyntheticCompany& company,
                               std::uint64_t plan, Random& random) {
  Subscription drawn{.total = required_steps(setting.seed, company, plan),
                     .started = !random.chance(0.18)};
  if (drawn.started) {
    drawn.completed = random.chance(0.35) ? drawn.total : random.below(drawn.total);
  }
  drawn.created = setting.now - random.between(30, 600) * kMicrosPerDay;
  drawn.begun = drawn.created + random.between(0, 9) * kMicrosPerDay;
  drawn.active = std::min(setting.now, drawn.begun + random.between(0, 400) * kMicrosPerDay);
  const double roll = random.unit();
  drawn.status = roll < 0.8 ? "ACTIVE" : roll < 0.94 ? "INACTIVE" : "HIDDEN";
  drawn.assessments_complete = random.below(drawn.completed + 1);
  return drawn;
}

std::string subscription_line(const Setting& setting, const SyntheticCompany& company,
                              std::uint64_t learner, std::uint64_t plan,
                              const Subscription& drawn) {
  std::string line = fmt::format(
      R"({{"companyId":"{}","planId":"{}","userId":"{}","subscriptionStatus":"{}","requiredStepsTotal":{},"requiredStepsCompleted":{},"assessmentsComplete":{})",
      company.id, plan_id(company, plan), person_id(setting.seed, learner), drawn.status,
      drawn.total, drawn.completed, drawn.assessments_complete);
  if (drawn.started) {
    line += time_member("startedAt", drawn.begun) + time_member("lastActiveAt", drawn.active);
  }
  if (drawn.completed == drawn.total) {
    line += time_member("completedAt", drawn.active);
  }
  return line + time_member("createdAt", drawn.created) +
         time_member("updatedAt", drawn.started ? drawn.active : drawn.created) + "}\n";
}

}  // namespace matricula::exchange
