#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graphql/schema/schema.h"
#include "graphql/validation/context.h"

// The rules of GraphQL, section 5, one a file, named as graphql-js names them. Each is given what
// the walk has just entered (or is leaving, where it says so) and reports to the context. They keep
// nothing between calls; rules that must are classes with headers of their own.
namespace matricula::graphql::rules {

// Documents and definitions.
void executable_definitions(Context& context);
void known_operation_types(Context& context, const Definition& operation);
void unique_operation_names(Context& context, const Definition& operation);
void lone_anonymous_operation(Context& context, const Definition& operation);
void single_field_subscriptions(Context& context, const Definition& operation);
void unique_fragment_names(Context& context, const Definition& fragment);
void no_unused_fragments(Context& context);  // leaving the document

// Types. `in_type_system`: within a type system definition.
void known_type_names(Context& context, const Name& type, bool in_type_system);
void fragments_on_composite_types(Context& context, const Selection& inline_fragment);
void fragments_on_composite_types(Context& context, const Definition& fragment);

// Fields; `parent` and `field` are null where they are not known.
void scalar_leafs(Context& context, const Selection& selection, const Field* field);
void fields_on_correct_type(Context& context, const Selection& selection, const NamedType* parent,
                            const Field* field);

// Fragments.
void known_fragment_names(Context& context, const Selection& spread);
void possible_fragment_spreads(Context& context, const Selection& spread, const NamedType* parent,
                               const NamedType* fragment_type);

// Variables.
void variables_are_input_types(Context& context, const VariableDefinition& definition);
void unique_variable_names(Context& context, const Definition& operation);
void no_undefined_variables(Context& context, const Definition& operation);
void no_unused_variables(Context& context, const Definition& operation);
void variables_in_allowed_position(Context& context, const Definition& operation);  // leaving it

// Directives. `location` is the name of a directive location.
void known_directives(Context& context, const Directive& directive, std::string_view location);
void unique_directives_per_location(Context& context, std::span<const Directive> directives);
void unique_directives_per_location(Context& context, const Definition& type_system_definition);

// Arguments and values.
void known_argument_names(Context& context, const Argument& argument, const InputValue* definition,
                          const NamedType* parent, const Field* field);
void known_argument_names(Context& context, const Directive& directive);
void unique_argument_names(Context& context, std::span<const Argument> arguments);
void values_of_correct_type(Context& context, const Value& value, const Type* type);
void provided_required_arguments(Context& context, const Selection& selection,
                                 const NamedType* parent, const Field* field);   // leaving it
void provided_required_arguments(Context& context, const Directive& directive);  // leaving it
void unique_input_field_names(Context& context, const Value& value);

// The directive of that name that the document itself defines; null where there is none.
const Definition* defined_directive(const Context& context, std::string_view name);

// The name as error messages show it, `Type.field`; meta fields belong to no type.
std::string field_coordinate(const NamedType& parent, const Field& field);

}  // namespace matricula::graphql::rules
