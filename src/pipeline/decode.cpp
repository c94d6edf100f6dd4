#include "pipeline/decode.h"

namespace matricula::pipeline {

gate::Stage<DecodedRequest> decode(const EndpointRequest& request, const json::ReadLimits& limits) {
  auto parameters = request.http.method == http::Method::kGet
                        ? decode_query(request.http.query, limits)
                        : decode_body(request.http.body, limits);
  if (!parameters && parameters.error().code == ErrorCode::kNoPersistedQueries) {
    const graphql::Diagnostic diagnostic{
        .code = parameters.error().code, .message = parameters.error().message, .locations = {}};
    return gate::refuse(request_error_reply(request.media, {&diagnostic, 1}));
  }
  if (!parameters) {
    return gate::refuse(bad_request_reply(request.media, parameters.error()));
  }
  return DecodedRequest(std::move(*parameters));
}

}  // namespace matricula::pipeline
