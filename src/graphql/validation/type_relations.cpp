#include "graphql/validation/type_relations.h"

#include <algorithm>

namespace matricula::graphql {

namespace {

bool contains(const std::vector<const NamedType*>& types, const NamedType& type) {
  return std::find(types.begin(), types.end(), &type) != types.end();
}

bool is_abstract(const NamedType& type) {
  return type.kind == TypeKind::kInterface || type.kind == TypeKind::kUnion;
}

}  // namespace

bool is_sub_type(const NamedType& abstract, const NamedType& type) {
  return abstract.kind == TypeKind::kUnion ? contains(abstract.possible_types, type)
                                           : contains(type.interfaces, abstract);
}

bool do_types_overlap(const NamedType& a, const NamedType& b) {
  if (&a == &b) {
    return true;
  }
  if (is_abstract(a) && is_abstract(b)) {
    return std::any_of(a.possible_types.begin(), a.possible_types.end(),
                       [&](const NamedType* type) { return is_sub_type(b, *type); });
  }
  if (is_abstract(a)) {
    return is_sub_type(a, b);
  }
  return is_abstract(b) && is_sub_type(b, a);
}

bool is_compatible(const Schema& schema, const TypeReference& variable, bool non_null,
                   const Type& place) {
  if (place.is_non_null() && !non_null) {
    return false;
  }
  const Type& nullable = place.nullable();
  if (nullable.is_list()) {
    return variable.inner != nullptr &&
           is_compatible(schema, *variable.inner, variable.inner->non_null, *nullable.inner);
  }
  // Input types have no subtypes but themselves.
  return variable.inner == nullptr && schema.type(variable.name.value) == nullable.named;
}

}  // namespace matricula::graphql
