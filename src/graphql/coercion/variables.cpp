#include <fmt/format.h>
#include <unordered_map>
#include <utility>

#include "graphql/coercion/coerce.h"
#include "graphql/coercion/input.h"
#include "graphql/language/printer.h"

namespace matricula::graphql {

namespace {

// Messages show the values that were sent; together they may not grow without bound.
constexpr std::size_t kMessageBytesMax = 1024 * 1024;

class Coercion {
 public:
  Coercion(const Schema& schema, const Document& document, const CoercionOptions& options)
      : schema_(schema), document_(document), options_(options) {}

  void variable(const VariableDefinition& definition, const json::Value* value) {
    const Type* const type = schema_.resolve(definition.type);
    if (type == nullptr || !type->innermost().is_input()) {
      report(fmt::format(R"(Variable "${}" expected value of type "{}" which cannot be used as an )"
                         "input type.",
                         definition.variable.value, print(definition.type)),
             definition.type.offset);
      return;
    }
    if (value == nullptr && definition.default_value != nullptr) {
      default_value(definition, *type);
      return;
    }
    if (value == nullptr && !type->is_non_null()) {
      return;
    }
    auto coerced = value == nullptr ? std::nullopt : coerce_json(*value, *type);
    if (coerced) {
      variables.insert_or_assign(std::string(definition.variable.value), std::move(*coerced));
      return;
    }
    const JsonCheck check{.suggestions = options_.suggestions,
                          .report = [&](const std::string& message, const Path& path) {
                            report(fmt::format(R"(Variable "${}" has invalid value{}: {})",
                                               definition.variable.value, path_text(path), message),
                                   definition.offset);
                            return !stopped_;
                          }};
    check_json(check, value, *type);
  }

  bool is_stopped() const { return stopped_; }

  Variables variables;
  std::vector<Diagnostic> errors;

 private:
  void default_value(const VariableDefinition& definition, const Type& type) {
    if (auto coerced = coerce_literal(*definition.default_value, type, nullptr)) {
      variables.insert_or_assign(std::string(definition.variable.value), std::move(*coerced));
      return;
    }
    const LiteralCheck check{.suggestions = options_.suggestions,
                             .report = [&](const std::string& message, Offset, const Path& path) {
                               report(
                                   fmt::format(R"(Variable "${}" has invalid default value{}: {})",
                                               definition.variable.value, path_text(path), message),
                                   definition.offset);
                               return !stopped_;
                             }};
    check_literal(check, *definition.default_value, type);
  }

  void report(std::string message, Offset offset) {
    if (stopped_) {
      return;
    }
    message_bytes_ += message.size();
    if (errors.size() >= options_.errors_max || message_bytes_ > kMessageBytesMax) {
      stopped_ = true;
      errors.push_back({.code = ErrorCode::kBadUserInput,
                        .message = "Too many errors processing variables, error limit reached. "
                                   "Execution aborted.",
                        .locations = {}});
      return;
    }
    errors.push_back({.code = ErrorCode::kBadUserInput,
                      .message = std::move(message),
                      .locations = {location_at(document_.source(), offset)}});
  }

  const Schema& schema_;
  const Document& document_;
  const CoercionOptions& options_;
  std::size_t message_bytes_ = 0;
  bool stopped_ = false;
};

// Thousands of values for thousands of variables must not take the product of both.
std::unordered_map<std::string_view, const json::Value*> members_by_name(
    const json::Value& values) {
  std::unordered_map<std::string_view, const json::Value*> members;
  if (const auto* const object = values.object()) {
    members.reserve(object->size());
    for (const json::Value::Member& member : *object) {
      members.emplace(member.name, &member.value);
    }
  }
  return members;
}

}  // namespace

tl::expected<Variables, std::vector<Diagnostic>> coerce_variables(const Schema& schema,
                                                                  const Document& document,
                                                                  const Definition& operation,
                                                                  const json::Value& values,
                                                                  const CoercionOptions& options) {
  Coercion coercion(schema, document, options);
  const auto by_name = members_by_name(values);
  for (const VariableDefinition& definition : operation.variables) {
    if (!coercion.is_stopped()) {
      const auto found = by_name.find(definition.variable.value);
      coercion.variable(definition, found == by_name.end() ? nullptr : found->second);
    }
  }
  if (!coercion.errors.empty()) {
    return tl::unexpected(std::move(coercion.errors));
  }
  return std::move(coercion.variables);
}

tl::expected<std::optional<Input>, Diagnostic> coerce_argument(
    const Document& document, const InputValue& definition, const Argument* argument,
    const Variables& variables, const Selection& field, std::string_view parent_type) {
  const bool is_missing = argument == nullptr ||
                          (argument->value.kind == ValueKind::kVariable &&
                           !variables.contains(argument->value.text) && !definition.is_required());
  const auto error = [&](std::string_view what, Offset offset) {
    return Diagnostic{.code = ErrorCode::kBadUserInput,
                      .message = fmt::format(R"text(Argument "{}{}{}({}:)" {})text", parent_type,
                                             parent_type.empty() ? "" : ".", field.name.value,
                                             definition.name, what),
                      .locations = {location_at(document.source(), offset)}};
  };
  if (is_missing) {
    if (definition.is_required()) {
      return tl::unexpected(error(
          fmt::format(R"(of required type "{}" was not provided.)", type_text(*definition.type)),
          field.offset));
    }
    return coerce_default(definition);
  }
  if (auto coerced = coerce_literal(argument->value, *definition.type, &variables)) {
    return std::optional(std::move(*coerced));
  }
  Diagnostic first = error("has invalid value.", argument->value.offset);
  const LiteralCheck check{
      .variables = &variables,
      .report = [&](const std::string& message, Offset offset, const Path& path) {
        first = error(fmt::format("has invalid value{}: {}", path_text(path), message), offset);
        return false;
      }};
  check_literal(check, argument->value, *definition.type);
  return tl::unexpected(std::move(first));
}

}  // namespace matricula::graphql
