#pragma once

#include <memory>
#include <string>
#include <utility>

#include "auth/callers/principal.h"
#include "gate/admit.h"
#include "http/message.h"
#include "spool/budget.h"

namespace matricula::dataapi {

// One admitted request that has to be answered. Lives until then.
struct Call {
  const http::Request& request;
  http::Responder responder;
  std::shared_ptr<const auth::Principal> principal = {};
  gate::Admission admission = {};
  std::string company = {};

  // The owner of memory and disk space in budgets: the identity of the rate limit.
  spool::Owner owner() const;
  // Answers, with the headers of the limits. To be called once, from any thread.
  void answer(const gate::Gate& gate, http::Response response);
};

}  // namespace matricula::dataapi
