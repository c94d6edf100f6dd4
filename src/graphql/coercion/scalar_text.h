#pragma once

#include <string>
#include <string_view>

#include "graphql/schema/schema.h"

namespace matricula::graphql {

// Why a text cannot be a value of a custom scalar (Time, Duration); empty where it can. Scalars we
// know nothing of take any text.
std::string custom_scalar_complaint(const NamedType& scalar, std::string_view text);

// Why such a scalar does not take a value that is no text; empty where it takes it. Scalars we know
// nothing of take numbers and booleans, but nothing compound.
std::string custom_scalar_needs_text(const NamedType& scalar, bool is_compound);

// `Expected value of type "Time", but encountered error "<complaint>"; found: <found>.`
std::string custom_scalar_error(const NamedType& scalar, std::string_view complaint,
                                std::string_view found);

}  // namespace matricula::graphql
