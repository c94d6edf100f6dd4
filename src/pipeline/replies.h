#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "graphql/language/diagnostic.h"
#include "http/message.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// How a GraphQL answer is labelled (GraphQL over HTTP, section "Media Types").
enum class MediaType { kJson, kGraphqlResponse };

std::string_view content_type(MediaType media);

// A finished GraphQL body under its label. Never cached: it is one company's.
http::Response graphql_reply(int status, MediaType media, std::string body);

// The same for an answer that may be in the spool, counted for `owner` until it is sent.
http::Response graphql_reply(int status, MediaType media, spool::StoredBytes answer,
                             std::shared_ptr<spool::Spool> spool, spool::Owner owner);

// A request error: no execution began, so there is no `data`. 200 for application/json clients, 400
// for the others.
http::Response request_error_reply(MediaType media,
                                   std::span<const graphql::Diagnostic> diagnostics);

// Not well formed: always 400.
http::Response bad_request_reply(MediaType media, const Error& error);

// The response key of the plan's first root field, for the path of a refusal of the whole
// operation.
std::string_view first_key(const planning::Plan& plan);

// {"data":null,"errors":[...]} with a path and a code, as the contract writes it.
http::Response field_error_reply(int status, MediaType media, std::string_view message,
                                 ErrorCode code, std::string_view path_key);

}  // namespace matricula::pipeline
