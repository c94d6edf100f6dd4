#include "tests/cases/model_data.h"

#include <fmt/format.h>
#include <fstream>

#include "base/clock.h"
#include "base/escape.h"
#include "base/text.h"
#include "base/time_text.h"

namespace matricula::cases {
namespace {

constexpr Timestamp kBase = 1'735'689'600'000'000;  // 2025-01-01
constexpr ModelValue kNull;

const std::vector<ModelValue> kDays = {kBase, kBase + kMicrosPerDay, kBase + 2 * kMicrosPerDay,
                                       kBase + 3 * kMicrosPerDay, kBase + 9 * kMicrosPerDay};
const char* const kCompanies[] = {"1", "2"};

std::vector<ModelValue> texts(std::initializer_list<const char*> values) {
  std::vector<ModelValue> all;
  for (const char* value : values) {
    all.emplace_back(std::string(value));
  }
  return all;
}

const std::vector<ModelValue> kStatuses =
    texts({"ENROLLED", "GRADUATED", "STATIC_ACCESS", "UNENROLLED"});
const std::vector<ModelValue> kTracks = texts({"ON_TRACK", "OFF_TRACK", "MONITOR"});
const std::vector<ModelValue> kTypes = texts({"NANODEGREE", "COURSE", "PART"});
const std::vector<ModelValue> kPlans = texts({"lp1", "lp2", "lp9"});
const std::vector<ModelValue> kPrograms =
    texts({"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"});
const std::vector<ModelValue> kAttemptStatuses = texts({"completed", "in_progress", "zzz"});
const std::vector<ModelValue> kResults = texts({"", "failed", "passed"});
const std::vector<ModelValue> kAssessments = texts({"a0", "a1", "a2", "a9"});
const std::vector<ModelValue> kSubscriptions = texts({"ACTIVE", "HIDDEN", "INACTIVE"});

class DataWriter {
 public:
  DataWriter(const std::string& directory, const Pick& pick) : directory_(directory), pick_(pick) {}

  std::vector<ModelList> write() {
    line("companies", R"({"id":"1","slug":"one","name":"One"})");
    line("companies", R"({"id":"2","slug":"two","name":"Two"})");
    for (int p = 0; p < 6; ++p) {
      // Programs share titles two by two; a seventh and an eighth are in no catalog.
      line(
          "programs",
          fmt::format(
              R"({{"key":"p{}","locale":"en-us","version":1,"type":"COURSE","title":"{}","summary":"","syllabusUrl":"https://x.example","imageUrl":"https://x.example","redirectUrl":"https://x.example","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":[]}})",
              p, kTitles[p / 2]));
    }
    for (int a = 0; a < 3; ++a) {
      line(
          "assessments",
          fmt::format(
              R"({{"id":"a{}","title":"A","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":1}})",
              a));
    }
    for (const char* plan : {"lp1", "lp2"}) {
      line(
          "learning_plans",
          fmt::format(R"({{"id":"{}","companyId":"1","title":"","key":"k","slug":"s","steps":[]}})",
                      plan));
    }
    const ModelList programs = program_progress();
    const ModelList attempts = assessment_progress();
    const ModelList subscriptions = learning_plan_progress();
    return {programs, attempts, subscriptions};
  }

 private:
  static std::string user_id(std::size_t number) {
    return fmt::format("00000000-0000-4000-8000-0000000000{:02x}", number);
  }

  std::vector<ModelValue> user_ids() const {
    std::vector<ModelValue> ids;
    for (std::size_t u = 0; u <= kUsers; ++u) {  // one is of no record
      ids.emplace_back(user_id(u));
    }
    return ids;
  }

  const ModelValue& one(const std::vector<ModelValue>& values, std::size_t bound) {
    return values[pick_(bound)];
  }
  // A time of the first days or null; or never null.
  ModelValue time(bool nullable) {
    return nullable && pick_(3) == 0
               ? kNull
               : ModelValue(kBase + static_cast<int>(pick_(4)) * kMicrosPerDay);
  }

  static std::string member(const char* name, const ModelValue& value) {
    if (std::holds_alternative<std::monostate>(value)) {
      return "";
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
      return fmt::format(",\"{}\":{}", name, json_string(*text));
    }
    if (const auto* real = std::get_if<double>(&value)) {
      return fmt::format(",\"{}\":{}", name, *real);
    }
    return fmt::format(",\"{}\":\"{}\"", name, time_text(std::get<std::int64_t>(value)));
  }

  void line(const std::string& entity, const std::string& text) {
    std::ofstream(directory_ + "/" + entity + ".ndjson", std::ios::app) << text << '\n';
  }

  ModelList program_progress() {
    ModelList list{
        .endpoint = "program-progress",
        .root = "programProgress",
        .fixed_input = "",
        .node = "userId programKey",
        .companies = {"1", "2"},
        .orders = {{"EMAIL", "email"},
                   {"PROGRAM_TITLE", "title"},
                   {"ENROLLMENT_STATUS", "status"},
                   {"LAST_ACTIVE", "active"},
                   {"COMPLETED_PROJECTS", "projects"},
                   {"ENROLLED_AT", "enrolled"},
                   {"COMPLETION_PERCENTAGE", "percentage"},
                   {"UPDATED_AT", "updated"}},
        .ties = {"user", "program"},
        .filters = program_filters(),
        .rows = {},
        .search_text =
            [](const ModelRow& row) { return std::get<std::string>(row.fields.at("names")); },
        .needles = {"ann", "É", "b", "o ng", "@x", "zzz", "ün", "n o'", "\n"}};
    for (std::size_t u = 0; u < kUsers; ++u) {
      add_learner(list, u);
    }
    return list;
  }

  std::vector<ModelFilter> program_filters() const {
    const auto range = [](const char* input, const char* field) {
      return ModelFilter{.input = input,
                         .field = field,
                         .kind = ModelFilterKind::kHalfOpen,
                         .literal = Literal::kTime,
                         .choices = kDays};
    };
    return {
        {.input = "programKeys", .field = "program", .choices = kPrograms},
        {.input = "programType", .field = "type", .literal = Literal::kEnum, .choices = kTypes},
        {.input = "enrollmentStatus",
         .field = "status",
         .literal = Literal::kEnum,
         .choices = kStatuses},
        {.input = "onTrackStatus", .field = "track", .literal = Literal::kEnum, .choices = kTracks},
        {.input = "learningPlanIds", .field = "plan", .choices = kPlans},
        {.input = "userIds", .field = "user", .choices = user_ids()},
        {.input = "userEmails",
         .field = "email",
         .choices = texts({"ANN0@x.example", "bob1@X.example", "üNAL2@x.example", "nobody@x"}),
         .lower_case = true},
        range("enrolledAt", "enrolled"),
        range("lastActiveAt", "active"),
        range("completedAt", "completed"),
        range("graduatedAt", "graduated"),
        range("updatedAt", "updated"),
        {.input = "completionPercentage",
         .field = "percentage",
         .kind = ModelFilterKind::kClosed,
         .literal = Literal::kNumber,
         .choices = {0.0, 12.5, 25.0, 37.5, 99.0}}};
  }

  void add_learner(ModelList& list, std::size_t number) {
    const std::string id = user_id(number);
    const std::string email = fmt::format("{}{}@X.example", kEmails[pick_(4)], number);
    const std::string first = kFirsts[pick_(4)];
    const std::string last = kLasts[pick_(3)];
    line("users", fmt::format(R"({{"id":"{}","email":{},"firstName":{},"lastName":{}}})", id,
                              json_string(email), json_string(first), json_string(last)));
    for (const char* company : kCompanies) {
      for (std::size_t p = 0; p < 8; ++p) {
        if (pick_(4) != 0) {
          continue;
        }
        const std::string program = fmt::format("p{}", p);
        const bool is_first = company == kCompanies[0];
        list.rows.push_back(
            {.company = company,
             .fields = {{"user", id},
                        {"program", program},
                        {"email", to_lower(email)},
                        {"title", p < 6 ? to_lower(kTitles[p / 2]) : program},
                        {"names", to_lower(fmt::format("{}\n{} {}", email, first, last))},
                        {"status", one(kStatuses, 4)},
                        {"track", one(kTracks, 3)},
                        {"type", one(kTypes, 3)},
                        {"plan", is_first && pick_(2) == 0 ? one(kPlans, 2) : kNull},
                        {"enrolled", time(false)},
                        {"active", time(true)},
                        {"completed", time(true)},
                        {"graduated", time(true)},
                        {"projects", static_cast<std::int64_t>(pick_(4))},
                        {"percentage", static_cast<double>(pick_(5)) * 12.5},
                        {"updated", time(false)}},
             .name = fmt::format("{}/{}", id, program)});
        write_enrolment(list.rows.back());
      }
    }
  }

  void write_enrolment(const ModelRow& row) {
    const auto& of = row.fields;
    line("program_progress",
         fmt::format(R"({{"companyId":"{}","programVersion":"1","learnerHours":1,)"
                     R"("projectsRequiredTotal":4,"projectsRequiredCompleted":{})",
                     row.company, std::get<std::int64_t>(of.at("projects"))) +
             member("userId", of.at("user")) + member("programKey", of.at("program")) +
             member("programType", of.at("type")) + member("enrollmentStatus", of.at("status")) +
             member("onTrackStatus", of.at("track")) + member("learningPlanId", of.at("plan")) +
             member("enrolledAt", of.at("enrolled")) + member("lastActiveAt", of.at("active")) +
             member("completedAt", of.at("completed")) + member("graduatedAt", of.at("graduated")) +
             member("completionPercentage", of.at("percentage")) +
             member("updatedAt", of.at("updated")) + "}");
  }

  ModelList assessment_progress() {
    ModelList list{
        .endpoint = "assessment-progress",
        .root = "assessmentProgress",
        .fixed_input = "",
        .node = "attemptId",
        .companies = {"1", "2"},
        .orders = {{"ASSESSMENT_STATUS", "status"},
                   {"ASSESSMENT_RESULT", "result"},
                   {"CREATED_AT", "created"},
                   {"UPDATED_AT", "updated"}},
        .ties = {"attempt"},
        .filters = {{.input = "assessmentIds", .field = "assessment", .choices = kAssessments},
                    {.input = "assessmentStatus", .field = "status", .choices = kAttemptStatuses},
                    {.input = "assessmentResult", .field = "result", .choices = kResults},
                    {.input = "userIds", .field = "user", .choices = user_ids()},
                    {.input = "learningPlanIds", .field = "plan", .choices = kPlans},
                    {.input = "createdAt",
                     .field = "created",
                     .kind = ModelFilterKind::kHalfOpen,
                     .literal = Literal::kTime,
                     .choices = kDays},
                    {.input = "updatedAt",
                     .field = "updated",
                     .kind = ModelFilterKind::kHalfOpen,
                     .literal = Literal::kTime,
                     .choices = kDays}},
        .rows = {}};
    for (int t = 0; t < 160; ++t) {
      const bool is_first = pick_(4) != 0;
      list.rows.push_back(
          {.company = kCompanies[is_first ? 0 : 1],
           .fields = {{"attempt", fmt::format("t{}", t)},
                      {"user", pick_(5) == 0 ? kNull : ModelValue(user_id(pick_(kUsers)))},
                      {"assessment", one(kAssessments, 3)},
                      {"status", one(kAttemptStatuses, 2)},
                      {"result", pick_(3) == 0 ? kNull : one(kResults, 3)},
                      {"plan", is_first && pick_(3) == 0 ? one(kPlans, 2) : kNull},
                      {"created", time(false)},
                      {"updated", time(false)}},
           .name = fmt::format("t{}", t)});
      const auto& of = list.rows.back().fields;
      line("assessment_progress",
           fmt::format("{{\"companyId\":\"{}\"", list.rows.back().company) +
               member("attemptId", of.at("attempt")) + member("userId", of.at("user")) +
               member("assessmentId", of.at("assessment")) +
               member("assessmentStatus", of.at("status")) +
               member("assessmentResult", of.at("result")) +
               member("learningPlanId", of.at("plan")) + member("createdAt", of.at("created")) +
               member("updatedAt", of.at("updated")) + "}");
    }
    return list;
  }

  ModelList learning_plan_progress() {
    const auto range = [](const char* input, const char* field) {
      return ModelFilter{.input = input,
                         .field = field,
                         .kind = ModelFilterKind::kHalfOpen,
                         .literal = Literal::kTime,
                         .choices = kDays};
    };
    ModelList list{
        .endpoint = "learning-plan-progress",
        .root = "learningPlanProgress",
        .fixed_input = "planId: \"lp1\", ",
        .node = "userId",
        .companies = {"1"},
        .orders = {{"UPDATED_AT", "updated"}, {"LAST_ACTIVE_AT", "active"}, {"USER_ID", "user"}},
        .ties = {"user"},
        .filters = {{.input = "userIds", .field = "user", .choices = user_ids()},
                    {.input = "subscriptionStatus",
                     .field = "status",
                     .literal = Literal::kEnum,
                     .choices = kSubscriptions},
                    range("lastActiveAt", "active"),
                    range("completedAt", "completed"),
                    range("updatedAt", "updated")},
        .rows = {}};
    for (std::size_t u = 0; u < kUsers; ++u) {
      for (const char* plan : {"lp1", "lp2"}) {
        ModelRow row{.company = "1",
                     .fields = {{"user", user_id(u)},
                                {"status", one(kSubscriptions, 3)},
                                {"active", time(true)},
                                {"completed", time(true)},
                                {"updated", time(false)}},
                     .name = user_id(u)};
        const auto& of = row.fields;
        line(
            "learning_plan_progress",
            fmt::format(
                R"({{"companyId":"1","planId":"{}","requiredStepsTotal":3,"requiredStepsCompleted":1,"assessmentsComplete":0,"createdAt":"2025-01-01T00:00:00Z")",
                plan) +
                member("userId", of.at("user")) + member("subscriptionStatus", of.at("status")) +
                member("lastActiveAt", of.at("active")) +
                member("completedAt", of.at("completed")) + member("updatedAt", of.at("updated")) +
                "}");
        if (plan == std::string_view("lp1")) {
          list.rows.push_back(std::move(row));
        }
      }
    }
    return list;
  }

  static constexpr std::size_t kUsers = 60;
  static constexpr const char* kTitles[] = {"Ängste", "SQL", "ängste"};
  static constexpr const char* kEmails[] = {"Ann", "bob", "Ünal", "zoe"};
  static inline const std::string kFirsts[] = {"Ann", "ÉLODIE", "دينا", "Bo"};
  static inline const std::string kLasts[] = {"Ng", "O'Hara", "Ångström"};

  std::string directory_;
  const Pick& pick_;
};

}  // namespace

std::vector<ModelList> write_model_data(const std::string& directory, const Pick& pick) {
  return DataWriter(directory, pick).write();
}

}  // namespace matricula::cases
