#include "gate/identify.h"

#include <fmt/format.h>

#include "auth/callers/errors.h"
#include "base/assert.h"
#include "gate/admit.h"
#include "gate/session_cookie.h"

namespace matricula::gate {
namespace {

using MaybePrincipal = Result<std::shared_ptr<const auth::Principal>>;

std::string_view challenge_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::kToken:
      return "Token";
    case Scheme::kPerson:
    case Scheme::kSession:
    case Scheme::kLogin:
      return "Bearer";
    case Scheme::kAny:
      return R"(Basic realm="Matricula")";
  }
  MATRICULA_ASSERT(false && "every scheme has a challenge");
  return {};
}

// Whether sessions count on the route, and the caller sent nothing that counts there.
bool lacks_session(const Attempt& attempt, const Error& error) {
  return error.message == auth::no_authorization().message &&
         (attempt.scheme == Scheme::kPerson || attempt.scheme == Scheme::kSession ||
          attempt.scheme == Scheme::kLogin);
}

// Tells a refused caller what to send, where its Authorization has the scheme of another route, or
// none is needed, or its session lacks the CSRF token.
std::optional<std::string_view> advice_for(const Attempt& attempt, const Error& error) {
  if (lacks_session(attempt, error)) {
    return kSessionAdvice;
  }
  const std::string_view given = attempt.request.header("Authorization").value_or("");
  const std::string_view scheme = given.substr(0, given.find_first_of(" \t"));
  switch (attempt.scheme) {
    case Scheme::kToken:
      return http::same_name(scheme, "Token") ? std::nullopt
                                              : std::optional<std::string_view>(
                                                    "Send an API token as \"Authorization: Token "
                                                    "<token>\"; Bearer is for JWTs, at "
                                                    "the tokens endpoint.");
    case Scheme::kPerson:
      // Clients that put the last token on every request send it when they ask for another, too.
      return !attempt.request.header("Authorization") ? std::nullopt
             : http::same_name(scheme, "Bearer")
                 ? std::optional<std::string_view>("generateToken is called without Authorization.")
                 : std::optional<std::string_view>(
                       "generateToken is called without Authorization; for the rest, send a "
                       "person's JWT as \"Authorization: Bearer <JWT>\". API tokens are for "
                       "the data endpoints.");
    case Scheme::kSession:
    case Scheme::kLogin:
    case Scheme::kAny:
      return std::nullopt;
  }
  MATRICULA_ASSERT(false && "every scheme has its advice");
  return std::nullopt;
}

// Who the first of several sessions is of that holds: the others may be stale, or another host's.
// Where none does, the refusal of one that ended goes before that of one without a CSRF token.
template <typename Sessions, typename Find>
MaybePrincipal first_valid(const Sessions& sessions, const Find& find) {
  MaybePrincipal found = fail(auth::no_authorization());
  for (const auto& session : sessions) {
    MaybePrincipal each = find(session);
    if (each || each.error().code != ErrorCode::kUnauthenticated) {
      return each;
    }
    if (each.error().message != auth::no_authorization().message) {
      found = std::move(each);
    }
  }
  return found;
}

MaybePrincipal session_owner(const std::vector<auth::Presented>& sessions,
                             auth::Authenticator& authenticator) {
  return first_valid(sessions, [&](const auth::Presented& presented) {
    return authenticator.session_principal(presented);
  });
}

// A person, or the stranger's principal, which all strangers share.
MaybePrincipal person(const http::Request& request, auth::Authenticator& authenticator) {
  static const auto kStranger = std::make_shared<const auth::Principal>();
  if (const auto authorization = request.header("Authorization")) {
    return authenticator.user_principal({.authorization = authorization});
  }
  const auto sessions = presented_sessions(request);
  if (sessions.empty() || !sessions.front().csrf_token) {
    return kStranger;
  }
  return session_owner(sessions, authenticator);
}

// The session goes first: clients send a JWT that has expired along with it.
MaybePrincipal login_owner(const http::Request& request, auth::Authenticator& authenticator) {
  MaybePrincipal owner = session_owner(presented_sessions(request), authenticator);
  const auto authorization = request.header("Authorization");
  const bool is_refused = !owner && owner.error().code == ErrorCode::kUnauthenticated;
  return authorization && is_refused
             ? authenticator.user_principal({.authorization = authorization})
             : owner;
}

MaybePrincipal any_caller(const http::Request& request, auth::Authenticator& authenticator) {
  if (const auto authorization = request.header("Authorization")) {
    return authenticator.any_principal({.authorization = authorization});
  }
  return first_valid(vouched_sessions(request), [&](std::string_view cookie) {
    return authenticator.any_principal({.session_cookie = cookie});
  });
}

// The owner of an API token. A token that was not found lately is refused without a look-up.
MaybePrincipal token_owner(const Gate& gate, const Attempt& attempt,
                           auth::Authenticator& authenticator) {
  const auto authorization = attempt.request.header("Authorization");
  const auto now = gate.clock.monotonic();
  if (authorization && gate.refused_tokens.contains(*authorization, now)) {
    return fail(auth::token_not_found());
  }
  MaybePrincipal owner = authenticator.data_principal(authorization);
  if (authorization && !owner && owner.error().code == ErrorCode::kUnauthenticated &&
      owner.error().message == auth::token_not_found().message) {
    gate.refused_tokens.add(*authorization, now);
  }
  return owner;
}

MaybePrincipal principal_of(const Gate& gate, const Attempt& attempt,
                            auth::Authenticator& authenticator) {
  // Which of two Authorization fields counts would depend on the proxy in front.
  if (attempt.scheme != Scheme::kSession && attempt.request.header_count("Authorization") > 1) {
    return fail(auth::token_not_found());
  }
  switch (attempt.scheme) {
    case Scheme::kToken:
      return token_owner(gate, attempt, authenticator);
    case Scheme::kPerson:
      return person(attempt.request, authenticator);
    case Scheme::kSession:
      return session_owner(presented_sessions(attempt.request), authenticator);
    case Scheme::kLogin:
      return login_owner(attempt.request, authenticator);
    case Scheme::kAny:
      return any_caller(attempt.request, authenticator);
  }
  MATRICULA_ASSERT(false && "every scheme identifies");
  return {};
}

}  // namespace

Stage<Identified> identify(const Gate& gate, const Attempt& attempt,
                           auth::Authenticator& authenticator) {
  MaybePrincipal principal = principal_of(gate, attempt, authenticator);
  if (principal) {
    // Charged to the address: a stranger with a stolen credential must not use up what its owner
    // may send.
    if (!(*principal)->restrictions.allow_address(attempt.request.remote_address)) {
      note_refusal(gate, attempt, **principal, "request.authorize");
      Refusal refusal =
          charge_address(gate, attempt.request,
                         error_reply(ErrorCode::kUnauthorized, auth::not_authorized().message,
                                     attempt.content_type));
      refusal.response.identity = auth::log_name(**principal);
      return tl::unexpected(std::move(refusal));
    }
    return Identified(std::move(*principal));
  }
  const Error& error = principal.error();
  if (error.code != ErrorCode::kUnauthenticated) {
    return refuse(
        store_unavailable(gate, attempt, fmt::format("{}: {}", error.message, error.internal)));
  }
  if (attempt.scheme != Scheme::kSession && attempt.request.header("Authorization")) {
    note_refusal(gate, attempt, auth::Principal(), "request.authenticate");
  }
  const bool is_of_session = lacks_session(attempt, error) && attempt.scheme != Scheme::kPerson;
  http::Response reply = unauthenticated_reply(
      challenge_of(attempt.scheme), is_of_session ? auth::no_session().message : error.message,
      attempt.content_type);
  if (const auto advice = advice_for(attempt, error)) {
    reply.headers.add("X-Hint", *advice);
  }
  return tl::unexpected(charge_address(gate, attempt.request, std::move(reply)));
}

std::optional<Refusal> refuse_early(const Gate& gate, const Attempt& attempt) {
  if (attempt.scheme != Scheme::kToken) {
    return std::nullopt;
  }
  const auto authorization = attempt.request.header("Authorization");
  if (authorization && !gate.refused_tokens.contains(*authorization, gate.clock.monotonic())) {
    return std::nullopt;
  }
  auto allowed = check_address(gate, attempt.request);
  return allowed ? std::nullopt : std::optional(std::move(allowed.error()));
}

void note_refusal(const Gate& gate, const Attempt& attempt, const auth::Principal& principal,
                  std::string_view action) {
  gate.refusals.add(
      {.principal = principal, .address = std::string(attempt.request.remote_address)},
      {.action = std::string(action), .target = std::string(attempt.resource)});
}

http::Response store_unavailable(const Gate& gate, const Attempt& attempt, std::string_view cause) {
  gate.logger.log(LogLevel::kError, "identification failed",
                  {{"requestId", attempt.request.request_id}, {"error", cause}});
  return store_unavailable_reply(attempt.content_type);
}

}  // namespace matricula::gate
