#include "exchange/generate_catalog.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "base/time_text.h"
#include "exchange/generate_random.h"

namespace matricula::exchange {
namespace {

constexpr const char* kSubjects[] = {"Data Engineering",  "Machine Learning", "Cloud Security",
                                     "Digital Marketing", "Product Design",   "Full Stack Web",
                                     "Agile Leadership",  "Robotics",         "SQL",
                                     "Generative AI",     "Embedded C++",     "Finance"};
constexpr const char* kForms[] = {"Foundations", "in Practice", "for Leaders", "with Python",
                                  "Advanced",    "Essentials",  "at Scale",    "Capstone"};
constexpr const char* kLocales[] = {"de", "ja", "fr", "es", "pt-br", "zh-cn", "ar"};
constexpr const char* kSkills[] = {"SQL", "Python", "Statistics", "Kubernetes", "Communication"};
constexpr const char* kLevels[] = {"Beginner", "Intermediate", "Advanced"};

struct Sizes {
  std::size_t nanodegrees;
  std::size_t courses;
  std::size_t parts;
  std::size_t assessments;
};

Sizes sizes_for(std::uint64_t learners) {
  if (learners < 100) {
    return {.nanodegrees = 4, .courses = 8, .parts = 6, .assessments = 5};
  }
  if (learners < 20'000) {
    return {.nanodegrees = 40, .courses = 160, .parts = 120, .assessments = 40};
  }
  return {.nanodegrees = 90, .courses = 450, .parts = 300, .assessments = 120};
}

}  // namespace

SyntheticCatalog make_catalog(std::uint64_t seed, std::uint64_t learners) {
  const Sizes sizes = sizes_for(learners);
  Random random(mix(seed, 11));
  SyntheticCatalog catalog;
  std::size_t left[] = {sizes.nanodegrees, sizes.courses, sizes.parts};
  const std::size_t total = sizes.nanodegrees + sizes.courses + sizes.parts;
  for (std::size_t i = 0; i < total; ++i) {
    // Enrolments are 35 % nanodegrees, 55 % courses, 10 % parts: the popular end has these shares.
    std::size_t kind = random.chance(0.35) ? 0 : random.chance(0.85) ? 1 : 2;
    while (left[kind] == 0) {
      kind = (kind + 1) % 3;
    }
    --left[kind];
    SyntheticProgram program{
        .key = {},
        .kind = static_cast<ProgramKind>(kind),
        .title = fmt::format("{} {}", random.pick(kSubjects), random.pick(kForms)),
        .locale = random.chance(0.7) ? "en-us" : random.pick(kLocales)};
    program.key = kind == 0   ? fmt::format("nd{:05d}", i + 100)
                  : kind == 1 ? fmt::format("cd{:05d}", i + 12'000)
                              : fmt::format("pt{:04d}", i + 100);
    // The unpopular end: retired, and the last of those in no catalog at all.
    program.is_retired = i + 3 >= total || (i > total / 2 && random.chance(0.02));
    program.is_listed = i + 2 < total;
    catalog.programs.push_back(std::move(program));
  }
  for (std::size_t i = 0; i < sizes.assessments; ++i) {
    catalog.assessments.push_back({.id = fmt::format("as-{}", 1'000 + i),
                                   .title = fmt::format("{} check", random.pick(kSubjects)),
                                   .is_practice = random.chance(0.25)});
  }
  return catalog;
}

std::string program_line(const SyntheticProgram& program, std::uint64_t seed, Timestamp now) {
  Random random(mix(seed, 12, text_number(program.key)));
  const char* const type = program.kind == ProgramKind::kNanodegree ? "DEGREE"
                           : program.kind == ProgramKind::kCourse   ? "COURSE"
                                                                    : "PART";
  std::string line = fmt::format(
      R"({{"key":"{0}","version":{1},"locale":"{2}","type":"{3}","title":{4},)"
      R"("summary":{5},"syllabusUrl":"https://learn.example/{0}/syllabus",)"
      R"("imageUrl":"https://img.example/{0}.png","redirectUrl":"https://learn.example/{0}",)"
      R"("duration":"P{6}D","modifiedDate":"{7}","skillNames":["{8}","{9}"])",
      program.key, random.between(1, 6), program.locale, type, json_string(program.title),
      json_string("What to know about \"" + program.title + "\"."), random.between(5, 120),
      time_text(now - random.between(1, 700) * kMicrosPerDay), random.pick(kSkills),
      random.pick(kSubjects));
  if (random.chance(0.8)) {
    line += fmt::format(R"(,"difficultyLevel":"{}")", random.pick(kLevels));
  }
  if (random.chance(0.3)) {
    const auto major = random.between(1, 3);
    line += fmt::format(
        R"(,"supportedLanguages":["en-us","ar"],"translations":[{{"language":"ar","title":"علم البيانات","summary":null,"version":"{0}.0.1","major":{0},"minor":0,"patch":1}}])",
        major);
  }
  return line + "}\n";
}

std::string assessment_line(const SyntheticAssessment& assessment, std::uint64_t seed) {
  Random random(mix(seed, 13, text_number(assessment.id)));
  std::string line =
      fmt::format(R"({{"id":"{}","title":{},"category":"{}")", assessment.id,
                  json_string(assessment.title), assessment.is_practice ? "PRACTICE" : "PASS_FAIL");
  if (!assessment.is_practice) {
    line += R"(,"passingScore":80)";
  }
  const bool timed = random.chance(0.7);
  line += fmt::format(R"(,"isTimed":{})", timed);
  if (timed) {
    line += R"(,"timeLimit":"PT30M")";
  }
  return line + fmt::format(",\"totalQuestionsInAssessment\":{}}}\n", random.between(5, 40));
}

}  // namespace matricula::exchange
