#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace matricula::exchange {

enum class ProgramKind : std::uint8_t { kNanodegree, kCourse, kPart };

struct SyntheticProgram {
  std::string key = {};
  ProgramKind kind = ProgramKind::kCourse;
  std::string title;
  std::string locale;       // of its only or first record
  bool is_listed = true;    // a record in programs.ndjson
  bool is_retired = false;  // no contract covers it any more
};

struct SyntheticAssessment {
  std::string id = {};
  std::string title;
  bool is_practice = false;
};

// What all companies choose from; a few hundred entries whatever the number of learners.
struct SyntheticCatalog {
  std::vector<SyntheticProgram> programs;  // most popular first
  std::vector<SyntheticAssessment> assessments;
};

SyntheticCatalog make_catalog(std::uint64_t seed, std::uint64_t learners);

// One NDJSON line each.
std::string program_line(const SyntheticProgram& program, std::uint64_t seed, Timestamp now);
std::string assessment_line(const SyntheticAssessment& assessment, std::uint64_t seed);

}  // namespace matricula::exchange
