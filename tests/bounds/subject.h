#pragma once

#include <memory>
#include <string>

#include "graphql/schema/schema.h"
#include "tests/bounds/adversarial.h"

namespace matricula::bounds {

// The schema of the endpoint that the attacks are for, read below the current folder, which is that
// of the project.
std::shared_ptr<const graphql::Schema> attacked_schema();

// Parses, validates and coerces as the server does with its default limits; answers with what was
// said first, or "ok".
std::string digest(const std::shared_ptr<const graphql::Schema>& schema, const Attack& attack);

}  // namespace matricula::bounds
