#pragma once

#include <vector>

#include "graphql/validation/context.h"

namespace matricula::graphql {

// Every use of a variable in an operation or fragment, in document order, with the type of its
// place; the definitions of variables apart.
std::vector<VariableUsage> find_variable_usages(const Schema& schema, const Definition& definition);

// The arguments that a directive's are looked up in: its own, or, where the schema does not know
// the directive, those of the field around it, as graphql-js does.
std::span<const InputValue> directive_arguments(const Schema& schema, const Directive& directive,
                                                const Field* around);

const InputValue* find_argument(std::span<const InputValue> arguments, std::string_view name);

// The parent type of a selection set within a fragment or an operation, without wrappers;
// null where it is not known or not an output type.
const NamedType* inline_fragment_type(const Schema& schema, const Selection& inline_fragment,
                                      const NamedType* around);
const NamedType* fragment_type(const Schema& schema, const Definition& fragment);

}  // namespace matricula::graphql
