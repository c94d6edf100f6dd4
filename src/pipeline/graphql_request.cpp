#include "pipeline/graphql_request.h"

#include "http/url.h"

namespace matricula::pipeline {
namespace {

tl::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kBadUserInput, std::move(message));
}

// Absent and null are the same.
Result<std::optional<std::string>> text_member(const json::Value& parameters,
                                               const std::string& name) {
  const json::Value* member = parameters.member(name);
  if (member == nullptr || member->is_null()) {
    return std::optional<std::string>();
  }
  const auto* text = std::get_if<std::string>(&member->data);
  if (text == nullptr) {
    return bad("\"" + name + "\" must be a string.");
  }
  return std::optional(*text);
}

// Apollo's automatic persisted queries: the client sends a hash in place of the document.
bool has_persisted_query(const json::Value& parameters) {
  const json::Value* const extensions = parameters.member("extensions");
  return extensions != nullptr && extensions->object() != nullptr &&
         extensions->member("persistedQuery") != nullptr;
}

Result<GraphqlRequest> from_members(const json::Value& parameters) {
  GraphqlRequest request;
  MATRICULA_TRY(std::optional<std::string> query, text_member(parameters, "query"));
  MATRICULA_TRY(request.document_id, text_member(parameters, "documentId"));
  if (!query && !request.document_id && has_persisted_query(parameters)) {
    // Apollo's clients send the document when they read this message.
    return fail(ErrorCode::kNoPersistedQueries, "PersistedQueryNotSupported");
  }
  if (!query && !request.document_id) {
    return bad("The request has no \"query\": send the GraphQL document in it.");
  }
  if (query && request.document_id) {
    return bad("The request has both \"query\" and \"documentId\": send one of them.");
  }
  request.query = query.value_or("");
  if (const json::Value* name = parameters.member("operationName"); name && !name->is_null()) {
    const auto* name_text = std::get_if<std::string>(&name->data);
    if (name_text == nullptr) {
      return bad("\"operationName\" must be a string or null.");
    }
    request.operation_name = *name_text;
  }
  if (const json::Value* variables = parameters.member("variables");
      variables && !variables->is_null()) {
    if (variables->object() == nullptr) {
      return bad("\"variables\" must be an object or null.");
    }
    request.variables = *variables;
  }
  if (const json::Value* extensions = parameters.member("extensions");
      extensions && !extensions->is_null() && extensions->object() == nullptr) {
    return bad("\"extensions\" must be an object or null.");
  }
  return request;
}

}  // namespace

Result<GraphqlRequest> decode_body(std::string_view body, const json::ReadLimits& limits) {
  auto parameters = json::read(body, limits);
  if (!parameters) {
    return bad("The body is not JSON: " + parameters.error().message);
  }
  if (std::holds_alternative<json::Value::Array>(parameters->data)) {
    return bad("Request arrays (batching) are not supported; send one request at a time.");
  }
  if (parameters->object() == nullptr) {
    return bad("The body must be a JSON object with a \"query\".");
  }
  return from_members(*parameters);
}

Result<GraphqlRequest> decode_query(std::string_view query, const json::ReadLimits& limits) {
  MATRICULA_TRY(const auto pairs, http::parse_query(query));
  json::Value::Object members;
  for (const http::QueryParameter& pair : pairs) {
    const bool is_json = pair.name == "variables" || pair.name == "extensions";
    if (!is_json) {
      members.emplace_back(pair.name, json::Value{pair.value});
      continue;
    }
    if (pair.value.empty()) {
      continue;
    }
    auto value = json::read(pair.value, limits);
    if (!value) {
      return bad("\"" + pair.name + "\" is not JSON: " + value.error().message);
    }
    members.emplace_back(pair.name, std::move(*value));
  }
  return from_members(json::Value{std::move(members)});
}

}  // namespace matricula::pipeline
