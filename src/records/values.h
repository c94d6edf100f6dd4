#pragma once

#include <string_view>

namespace matricula::records {

// The values of the enumerations, as in the GraphQL schemas.
inline constexpr std::string_view kCatalogProgramTypes[] = {"DEGREE", "COURSE", "PART"};
inline constexpr std::string_view kProgressProgramTypes[] = {"NANODEGREE", "COURSE", "PART"};
inline constexpr std::string_view kAssessmentCategories[] = {"PASS_FAIL", "PRACTICE"};
inline constexpr std::string_view kEnrollmentStatuses[] = {"ENROLLED", "UNENROLLED", "GRADUATED",
                                                           "STATIC_ACCESS"};
inline constexpr std::string_view kOnTrackStatuses[] = {
    "ON_TRACK", "OFF_TRACK", "MONITOR", "COMPLETED", "READY_TO_GRADUATE", "GRADUATED"};
inline constexpr std::string_view kSubscriptionStatuses[] = {"ACTIVE", "HIDDEN", "INACTIVE"};
inline constexpr std::string_view kStepTypes[] = {"PROGRAM", "ASSESSMENT", "SURVEY", "APPLICATION",
                                                  "GROUP"};

}  // namespace matricula::records
