#include "pipeline/endpoint_request.h"

namespace matricula::pipeline {

gate::Attempt attempt_of(const EndpointRequest& request) {
  return {.request = request.http,
          .scheme = request.endpoint.definition.audience == domains::Audience::kToken
                        ? gate::Scheme::kToken
                        : gate::Scheme::kPerson,
          .resource = request.endpoint.name,
          .content_type = content_type(request.media)};
}

}  // namespace matricula::pipeline
