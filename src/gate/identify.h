#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "auth/authentication/authenticator.h"
#include "gate/gate.h"
#include "gate/replies.h"
#include "gate/stage.h"
#include "http/message.h"

namespace matricula::gate {

// How a caller proves who it is. To add a scheme: an enumerator here, its challenge and the
// authenticator's function that reads it in identify.cpp.
enum class Scheme : std::uint8_t {
  kToken,    // Authorization: Token
  kPerson,   // Authorization: Bearer with a JWT, or the session cookie with its CSRF header; a
             // request that brings neither is a stranger's
  kSession,  // the session cookie with its CSRF header alone
  kLogin,    // the session cookie with its CSRF header, else Authorization: Bearer with a JWT
  kAny,      // the data API: see Authenticator::any_principal()
};

// One request to be authenticated. Borrows what it names.
struct Attempt {
  const http::Request& request;
  Scheme scheme = Scheme::kToken;
  std::string_view resource = {};  // such as the endpoint's name; for the audit trail
  std::string_view content_type = http::kJsonType;  // of refusals
};

// Who sends a request. Made by identify() alone.
class Identified {
 public:
  const auth::Principal& principal() const { return *principal_; }
  std::shared_ptr<const auth::Principal> share() const { return principal_; }
  // Without any credentials: only what needs none may be asked for.
  bool is_stranger() const { return principal_->kind == auth::PrincipalKind::kAnonymous; }

 private:
  friend Stage<Identified> identify(const Gate& gate, const Attempt& attempt,
                                    auth::Authenticator& authenticator);
  explicit Identified(std::shared_ptr<const auth::Principal> principal)
      : principal_(std::move(principal)) {}

  std::shared_ptr<const auth::Principal> principal_;  // never null
};

// Who sends the request. Refusals: 401, and 403 from a network that the credential is not for, both
// charged to the address, or 429 when that is over its allowance; 503 while the store does not
// answer. May ask the store; `authenticator` is the calling
// thread's.
Stage<Identified> identify(const Gate& gate, const Attempt& attempt,
                           auth::Authenticator& authenticator);

// 429 for a request that is certain to be refused (no credentials where its route requires them, or
// a token that was not found lately) and whose address is over its allowance. nullopt for others.
// From memory alone, so that it takes almost no time; called before identify().
std::optional<Refusal> refuse_early(const Gate& gate, const Attempt& attempt);

// Notes a refused request for the audit trail, without any text of the client's. Equal ones of a
// caller and address become one line: see auth::RefusalGroups.
void note_refusal(const Gate& gate, const Attempt& attempt, const auth::Principal& principal,
                  std::string_view action);

// 503, with the cause in the log under the request's id.
http::Response store_unavailable(const Gate& gate, const Attempt& attempt, std::string_view cause);

}  // namespace matricula::gate
