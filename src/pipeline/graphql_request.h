#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "json/value.h"

namespace matricula::pipeline {

// The parameters of a GraphQL request (GraphQL over HTTP, section "Request Parameters" and appendix
// "Persisted Documents").
struct GraphqlRequest {
  std::string query;  // empty where `document_id` is given
  std::optional<std::string> document_id;
  std::string operation_name;  // empty: none given
  json::Value variables;       // an object or null
};

// Reads them from a JSON body or from a query string; `limits` hold for every JSON text. Errors are
// kBadUserInput, answered with 400.
Result<GraphqlRequest> decode_body(std::string_view body, const json::ReadLimits& limits);
Result<GraphqlRequest> decode_query(std::string_view query, const json::ReadLimits& limits);

}  // namespace matricula::pipeline
