#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/callers/principal.h"
#include "gate/gate.h"
#include "gate/stage.h"
#include "pipeline/endpoint_request.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// The company that a request is about. Made by the functions below alone.
class Tenant {
 public:
  // Empty at endpoints that belong to no company.
  std::string_view company() const { return company_; }

 private:
  friend gate::Stage<Tenant> authorize(const gate::Gate& gate, const EndpointRequest& request,
                                       const auth::Principal& caller, const planning::Plan& plan);
  friend std::optional<Tenant> authorize_unconfirmed(const EndpointRequest& request,
                                                     const auth::Principal& caller,
                                                     const planning::Plan& plan);
  explicit Tenant(std::string company) : company_(std::move(company)) {}

  std::string company_;
};

// Whether the caller may use this endpoint and this operation at all, and for which company.
// Decided for each request, so that cached plans are safe for everyone. Refusals: 401 for a
// stranger, 403 for a company that the caller has no scope for, which the audit trail notes, and an
// error for a public field that is repeated.
gate::Stage<Tenant> authorize(const gate::Gate& gate, const EndpointRequest& request,
                              const auth::Principal& caller, const planning::Plan& plan);

// The same for a caller that the store has not confirmed yet: nothing is noted, and any refusal is
// nullopt.
std::optional<Tenant> authorize_unconfirmed(const EndpointRequest& request,
                                            const auth::Principal& caller,
                                            const planning::Plan& plan);

}  // namespace matricula::pipeline
