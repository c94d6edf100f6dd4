#pragma once

#include <string>

#include "planning/plan.h"

namespace matricula::planning {

// The plan as text, a line an entry, indented by two spaces for each level: what is read, what is
// written under which key, and when. For tests and for people; the same plan gives the same text.
// Pure.
std::string plan_text(const Plan& plan);

}  // namespace matricula::planning
