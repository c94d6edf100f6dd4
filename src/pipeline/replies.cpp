#include "pipeline/replies.h"

#include "base/assert.h"
#include "base/escape.h"
#include "execution/error_text.h"
#include "gate/replies.h"

namespace matricula::pipeline {

std::string_view content_type(MediaType media) {
  switch (media) {
    case MediaType::kJson:
      return http::kJsonType;
    case MediaType::kGraphqlResponse:
      return "application/graphql-response+json; charset=utf-8";
  }
  MATRICULA_ASSERT(false && "every media type has a name");
  return {};
}

http::Response graphql_reply(int status, MediaType media, std::string body) {
  return gate::json_reply(status, std::move(body), content_type(media));
}

http::Response graphql_reply(int status, MediaType media, spool::StoredBytes answer,
                             std::shared_ptr<spool::Spool> spool, spool::Owner owner) {
  http::Response response = graphql_reply(status, media, {});
  response.owner = owner;
  if (answer.extents.empty()) {
    response.body = std::move(answer.text);
    response.lease = std::move(answer.lease);
  } else {
    response.source = http::stored_body(std::move(answer), std::move(spool), owner);
  }
  return response;
}

http::Response request_error_reply(MediaType media,
                                   std::span<const graphql::Diagnostic> diagnostics) {
  std::string body = R"({"errors":[)";
  for (std::size_t i = 0; i < diagnostics.size(); ++i) {
    body += i == 0 ? "" : ",";
    execution::append_error(body, diagnostics[i].message, diagnostics[i].code,
                            diagnostics[i].locations, {});
  }
  body += "]}";
  return graphql_reply(media == MediaType::kJson ? 200 : 400, media, std::move(body));
}

http::Response bad_request_reply(MediaType media, const Error& error) {
  http::Response response = gate::error_reply(error.code, error.message, content_type(media));
  response.status = 400;
  return response;
}

std::string_view first_key(const planning::Plan& plan) {
  return plan.roots.empty() ? std::string_view() : std::string_view(plan.roots.front().key);
}

http::Response field_error_reply(int status, MediaType media, std::string_view message,
                                 ErrorCode code, std::string_view path_key) {
  std::string body = R"({"data":null,"errors":[)";
  execution::append_error(body, message, code, {},
                          path_key.empty() ? "" : '[' + json_string(path_key) + ']');
  body += "]}";
  return graphql_reply(status, media, std::move(body));
}

}  // namespace matricula::pipeline
