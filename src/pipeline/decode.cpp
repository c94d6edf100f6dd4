#include "pipeline/decode.h"

namespace matricula::pipeline {

gate::Stage<DecodedRequest> decode(const EndpointRequest& request, const json::ReadLimits& limits) {
  auto parameters = request.http.method == http::Method::kGet
                        ? decode_query(request.http.query, limits)
                        : decode_body(request.http.body, limits);
  if (!parameters) {
    return gate::refuse(bad_request_reply(request.media, parameters.error()));
  }
  return DecodedRequest(std::move(*parameters));
}

}  // namespace matricula::pipeline
