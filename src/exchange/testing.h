#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "exchange/export.h"
#include "exchange/import.h"
#include "migrations/migrations.h"
#include "storage/testing.h"

namespace matricula::exchange {

inline void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

inline constexpr std::string_view kAda = "01234567-89ab-cdef-0123-456789abcdef";
inline constexpr std::string_view kGrace = "76543210-89ab-cdef-0123-456789abcdef";

// A small set in canonical form: two companies, every entity, by file name without its ending.
inline std::map<std::string, std::string> sample_files() {
  return {
      {"companies",
       R"({"id":"acme","slug":"acme","name":"Acme"}
{"id":"bolt","slug":"bolt-inc","name":"Bolt \"Inc\""}
)"},
      {"contracts",
       R"({"id":"a1","companyId":"acme","name":"First","startsAt":"2025-01-01T00:00:00Z"}
{"id":"b1","companyId":"bolt","name":"Only"}
)"},
      {"users",
       R"({"id":"01234567-89ab-cdef-0123-456789abcdef","email":"Ada@Example.com","firstName":"Ada","lastName":"Lovelace"}
{"id":"76543210-89ab-cdef-0123-456789abcdef","email":"grace@example.com","firstName":"Grace","lastName":"Hopper"}
)"},
      {"programs",
       R"({"key":"cd1","version":2,"locale":"de","type":"COURSE","title":"Zeug","summary":"","syllabusUrl":"https://example.com/s","imageUrl":"https://example.com/i","redirectUrl":"https://example.com/r","duration":"P30D","modifiedDate":"2025-05-01T12:30:00.5Z","skillNames":[]}
{"key":"cd1","version":2,"locale":"en-us","type":"COURSE","title":"Stuff","summary":"What it is","syllabusUrl":"","imageUrl":"/i","redirectUrl":"https://example.com/r","duration":"P30D","modifiedDate":"2025-05-01T12:30:00Z","skillNames":["C++","SQL"],"difficultyLevel":"beginner","supportedLanguages":["en","de"],"translations":[{"language":"de","title":"Zeug","summary":null,"version":"2.0.1","major":2,"minor":0,"patch":1}]}
)"},
      {"contract_programs",
       R"({"contractId":"a1","programKey":"cd1","launchUrl":"https://example.com/l"}
)"},
      {"assessments",
       R"({"id":"q1","title":"Quiz","category":"PASS_FAIL","passingScore":80,"isTimed":true,"timeLimit":"PT30M","totalQuestionsInAssessment":25}
{"id":"q2","title":"Play","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":0}
)"},
      {"contract_assessments", R"({"contractId":"a1","assessmentId":"q1"}
)"},
      {"learning_plans",
       R"({"id":"p1","companyId":"acme","title":"Plan","key":"plan","slug":"plan","steps":[{"stepId":"s1","stepType":"GROUP","label":"All","isRequired":true,"resourceKey":null,"steps":[{"stepId":"s2","stepType":"PROGRAM","label":"Do","isRequired":true,"resourceKey":"cd1","steps":null}]}],"contractId":"a1"}
{"id":"p2","companyId":"bolt","title":"Other","key":"other","slug":"other","steps":[]}
)"},
      {"program_progress",
       R"({"companyId":"acme","userId":"01234567-89ab-cdef-0123-456789abcdef","programKey":"cd1","programVersion":"1.0.0","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-06-01T08:00:00Z","lastActiveAt":"2025-06-02T08:00:00.000001Z","learnerHours":1.5,"completionPercentage":12.25,"projectsRequiredTotal":2,"projectsRequiredCompleted":1,"onTrackStatus":"ON_TRACK","learningPlanId":"p1","updatedAt":"2025-06-02T08:00:00Z"}
{"companyId":"bolt","userId":"01234567-89ab-cdef-0123-456789abcdef","programKey":"gone","programVersion":"1","programType":"NANODEGREE","enrollmentStatus":"GRADUATED","enrolledAt":"2025-06-01T08:00:00Z","graduatedAt":"2025-07-01T08:00:00Z","completedAt":"2025-07-01T08:00:00Z","learnerHours":0,"completionPercentage":100,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"GRADUATED","updatedAt":"2025-07-01T08:00:00Z"}
)"},
      {"assessment_progress",
       R"({"companyId":"acme","attemptId":"t1","assessmentId":"q1","assessmentStatus":"in_progress","createdAt":"2025-06-01T08:00:00Z","updatedAt":"2025-06-01T08:00:00Z"}
{"companyId":"acme","attemptId":"t2","userId":"76543210-89ab-cdef-0123-456789abcdef","assessmentId":"q1","assessmentStatus":"completed","assessmentResult":"passed","assessmentReport":"{\"score\":90}","learningPlanId":"p1","createdAt":"2025-06-01T08:00:00Z","updatedAt":"2025-06-01T09:00:00Z"}
)"},
      {"learning_plan_progress",
       R"({"companyId":"acme","planId":"p1","userId":"01234567-89ab-cdef-0123-456789abcdef","subscriptionStatus":"ACTIVE","requiredStepsTotal":2,"requiredStepsCompleted":1,"assessmentsComplete":0,"startedAt":"2025-06-01T08:00:00Z","createdAt":"2025-06-01T08:00:00Z","updatedAt":"2025-06-02T08:00:00Z"}
)"},
  };
}

// A store, a directory for input, and short ways to import and to look.
class ExchangeStore {
 public:
  std::string in(const std::string& name) const { return directory_.file(name); }
  void write_sample() const {
    for (const auto& [name, text] : sample_files()) {
      write_file(in(name + ".ndjson"), text);
    }
  }

  Result<ImportReport> import(std::vector<std::string> paths, bool skip_invalid = false) {
    return import_paths(database(), paths, {.skip_invalid = skip_invalid}, clock_);
  }

  // Imports one file of this text: "+changed =unchanged -deleted", or the reasons, a line each,
  // without the directory, or the error.
  std::string import_text(const std::string& name, std::string_view text,
                          bool skip_invalid = false) {
    write_file(in(name), text);
    const Result<ImportReport> report = import({in(name)}, skip_invalid);
    if (!report) {
      return "error: " + without_directory(report.error().message);
    }
    const FileReport& file = report->files.front();
    std::string out;
    for (const std::string& reason : file.reasons) {
      out += (out.empty() ? "" : "\n") + without_directory(reason);
    }
    if (file.is_kept) {
      out += (out.empty() ? "" : "\n") + ("+" + std::to_string(file.changed)) + " =" +
             std::to_string(file.unchanged) + " -" + std::to_string(file.deleted);
    }
    return out;
  }

  std::string without_directory(std::string text) const {
    const std::string prefix = directory_.path() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  // The first column of every row, comma-separated.
  std::string select(std::string sql) {
    const auto session = database().open_reader();
    const storage::Statement statement(std::move(sql));
    const auto rows = (*session)->query(statement, {});
    MATRICULA_ASSERT(rows.has_value());
    std::string out;
    while ((*rows)->next().value()) {
      out += (out.empty() ? "" : ",");
      out += (*rows)->is_null(0) ? "null" : (*rows)->text(0);
    }
    return out;
  }

  storage::Database& database() { return store_.database(); }
  ManualClock& clock() { return clock_; }

 private:
  ManualClock clock_;
  storage::TempStore store_{migrations::all()};
  storage::TempDirectory directory_;
};

}  // namespace matricula::exchange
