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

struct Outcome {
  bool graduated = false;
  bool unenrolled = false;
  bool fixed = false;  // STATIC_ACCESS
  bool started = false;
};

struct Progress {
  int total = 0;  // projects
  int completed = 0;
  double percentage = 0;
  bool done = false;
};

struct Times {
  Timestamp enrolled = 0;
  Timestamp active = 0;
  Timestamp end = 0;
};

struct Enrolment {
  Outcome outcome;
  Progress progress;
  Times times;
  double hours = 0;
  const char* track = "";
};

Outcome draw_outcome(Random& random) {
  const double roll = random.unit();
  const bool graduated = roll < 0.27;
  return {.graduated = graduated,
          .unenrolled = roll >= 0.27 && roll < 0.42,
          .fixed = roll >= 0.42 && roll < 0.48,
          .started = graduated || random.chance(0.8)};
}

Progress draw_progress(const Outcome& outcome, ProgramKind kind, Random& random) {
  const int total = kind == ProgramKind::kNanodegree ? static_cast<int>(random.between(3, 6))
                    : kind == ProgramKind::kCourse   ? static_cast<int>(random.between(0, 2))
                                                     : static_cast<int>(random.between(0, 1));
  // Progress has a mass near the beginning and one near the end.
  double percentage = !outcome.started    ? 0
                      : outcome.graduated ? 100
                      : random.chance(.5) ? random.unit() * 12
                      : random.chance(.6) ? 88 + random.unit() * 12
                                          : random.unit() * 100;
  percentage = std::round(percentage * 10) / 10;
  // All watched, and a project still open.
  const bool is_open = !outcome.graduated && outcome.started && total > 0 && random.chance(0.01);
  percentage = is_open ? 100 : percentage;
  return {.total = total,
          .completed = outcome.graduated ? total
                       : is_open         ? total - 1
                                 : std::min(total, static_cast<int>(percentage / 100 * total)),
          .percentage = percentage,
          .done = outcome.graduated || percentage >= 100};
}

// Whole hours, so that equal times exist.
Times draw_times(Timestamp now, Random& random) {
  const Timestamp enrolled =
      now - random.between(20, 700) * kMicrosPerDay + random.between(6, 20) * kHour;
  const std::int64_t since = (now - enrolled) / kHour;
  const Timestamp active =
      std::min(now, enrolled + std::min<std::int64_t>(
                                   since, static_cast<std::int64_t>(24 * random.weibull(90, 0.7))) *
                                   kHour);
  return {.enrolled = enrolled,
          .active = active,
          .end = std::min(now, active + random.between(0, 72) * kHour)};
}

double draw_hours(double percentage, ProgramKind kind, Random& random) {
  const double median = kind == ProgramKind::kNanodegree ? 90
                        : kind == ProgramKind::kCourse   ? 29
                                                         : 5;
  return std::round(random.log_normal(median, 0.3) * percentage) / 100;
}

const char* status_of(const Outcome& outcome) {
  return outcome.graduated    ? "GRADUATED"
         : outcome.unenrolled ? "UNENROLLED"
         : outcome.fixed      ? "STATIC_ACCESS"
                              : "ENROLLED";
}

const char* draw_track(const Outcome& outcome, const Progress& progress, Random& random) {
  const bool ready = progress.total > 0 && progress.completed == progress.total;
  return outcome.graduated     ? "GRADUATED"
         : ready               ? "READY_TO_GRADUATE"
         : progress.done       ? "COMPLETED"
         : random.chance(0.48) ? "ON_TRACK"
         : random.chance(0.42) ? "MONITOR"
                               : "OFF_TRACK";
}

Enrolment draw_enrolment(const Setting& setting, const SyntheticProgram& program, Random& random) {
  Enrolment drawn{.outcome = draw_outcome(random), .progress = {}, .times = {}};
  drawn.progress = draw_progress(drawn.outcome, program.kind, random);
  drawn.times = draw_times(setting.now, random);
  drawn.hours = draw_hours(drawn.progress.percentage, program.kind, random);
  drawn.track = draw_track(drawn.outcome, drawn.progress, random);
  return drawn;
}

}  // namespace

std::string enrolment_line(const Setting& setting, const SyntheticCompany& company,
                           std::uint64_t learner, const SyntheticProgram& program, Random& random) {
  const auto [outcome, progress, times, hours, track] = draw_enrolment(setting, program, random);
  std::string line = fmt::format(
      R"({{"companyId":"{}","userId":"{}","programKey":"{}","programVersion":"{}.0.{}","programType":"{}","enrollmentStatus":"{}","enrolledAt":"{}")",
      company.id, person_id(setting.seed, learner), program.key, random.between(1, 4),
      random.below(9),
      program.kind == ProgramKind::kNanodegree ? "NANODEGREE"
      : program.kind == ProgramKind::kCourse   ? "COURSE"
                                               : "PART",
      status_of(outcome), time_text(times.enrolled));
  if (outcome.unenrolled) {
    line += time_member("unenrolledAt", times.end);
  }
  if (outcome.graduated) {
    line += time_member("graduatedAt", times.end);
  }
  if (progress.done) {
    line += time_member("completedAt", times.active);
  }
  if (outcome.started) {
    line += time_member("lastActiveAt", times.active);
  }
  line += fmt::format(
      R"(,"learnerHours":{},"completionPercentage":{},"projectsRequiredTotal":{},"projectsRequiredCompleted":{},"onTrackStatus":"{}")",
      hours, progress.percentage, progress.total, progress.completed, track);
  if (random.chance(0.3)) {
    line += fmt::format(R"(,"learningPlanId":"{}")", plan_id(company, random.below(company.plans)));
  }
  return line + time_member("updatedAt", outcome.started ? times.end : times.enrolled) + "}\n";
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
