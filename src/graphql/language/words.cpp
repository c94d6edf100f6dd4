#include "graphql/language/words.h"

namespace matricula::graphql {

std::string_view operation_word(OperationType operation) {
  switch (operation) {
    case OperationType::kQuery:
      return "query";
    case OperationType::kMutation:
      return "mutation";
    case OperationType::kSubscription:
      return "subscription";
  }
  return {};
}

std::string_view directive_location(DefinitionKind kind) {
  switch (kind) {
    case DefinitionKind::kSchema:
      return "SCHEMA";
    case DefinitionKind::kScalar:
      return "SCALAR";
    case DefinitionKind::kObject:
      return "OBJECT";
    case DefinitionKind::kInterface:
      return "INTERFACE";
    case DefinitionKind::kUnion:
      return "UNION";
    case DefinitionKind::kEnum:
      return "ENUM";
    case DefinitionKind::kInputObject:
      return "INPUT_OBJECT";
    case DefinitionKind::kDirective:
      return "DIRECTIVE_DEFINITION";
    case DefinitionKind::kOperation:
    case DefinitionKind::kFragment:
      break;
  }
  return {};
}

}  // namespace matricula::graphql
