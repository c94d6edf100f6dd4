#include "pipeline/admit_caller.h"

#include "pipeline/document_limits.h"

namespace matricula::pipeline {

gate::Stage<Admitted> admit_caller(const Service& service, Lane& lane, Pending& pending) {
  const EndpointRequest& request = pending.request;
  MATRICULA_TRY(gate::Identified caller,
                gate::identify(service.gate, attempt_of(request), *lane.authenticator));
  pending.caller = caller.share();
  MATRICULA_TRY(const gate::Admission admission,
                gate::admit(service.gate, caller, request.http, &lane.uses, request.endpoint.name));
  pending.note(admission.decision());
  MATRICULA_TRY(const graphql::ParseLimits limits,
                document_limits(service.gate, request.http, caller, service.options.parse));
  return Admitted{.caller = std::move(caller), .admission = admission, .limits = limits};
}

}  // namespace matricula::pipeline
