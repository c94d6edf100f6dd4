#pragma once

#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/access/credential_service.h"
#include "auth/access/token_service.h"
#include "auth/authentication/authenticator.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/audit.h"
#include "auth/trail/refusals.h"
#include "auth/trail/use_counter.h"
#include "base/clock.h"
#include "migrations/migrations.h"
#include "storage/testing.h"

namespace matricula::auth {

// Gives the value, or ends the test with the error's text.
template <typename T>
T good(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message << " (" << result.error().internal << ")";
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*result);
  }
}

// `CODE message` of a refusal; `ok` where there is none.
template <typename T>
std::string outcome(const Result<T>& result) {
  return result ? "ok"
                : std::string(error_name(result.error().code)) + " " + result.error().message;
}

// A store with the companies 11, 12 and 13, and the services over it.
struct AuthFixture : testing::Test {
  AuthFixture();
  void SetUp() override;

  Caller as(const Principal& principal) { return {.principal = principal, .address = "192.0.2.1"}; }
  // A person with these roles, in the store too.
  Principal person(bool is_staff, std::vector<std::string> admin_of);
  Principal admin(std::vector<std::string> companies) {
    return person(false, std::move(companies));
  }
  // What a data endpoint says to a token; `ok` if it is good.
  std::string use(const std::string& token) const {
    return outcome(authenticator->data_principal("Token " + token));
  }
  // Writes what was counted to the store.
  void flush(UseCounter& counter);
  // The lines of the audit trail, oldest first: actor kind, action and `refused`.
  std::vector<std::string> trail();

  ManualClock clock;
  storage::TempStore store;
  Secrets secrets = Secrets::random();
  Refusals refusals{clock};
  TokenService tokens{store.database(), secrets, refusals, clock};
  CredentialService credentials{store.database(), secrets, refusals, clock};
  std::unique_ptr<storage::Session> reader;
  std::unique_ptr<Authenticator> authenticator;
  Principal oper = operator_principal();
  Principal staff;
  Principal anonymous;
};

}  // namespace matricula::auth
