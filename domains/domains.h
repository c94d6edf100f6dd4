#pragma once

#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/caller.h"
#include "base/result.h"
#include "execution/executor.h"
#include "planning/mapping.h"

namespace matricula::auth {
class CredentialService;
class TokenService;
class UserService;
}  // namespace matricula::auth

namespace matricula::domains {

// What a domain's commands may use; all of it outlives every request.
struct Services {
  auth::TokenService& tokens;
  auth::CredentialService& credentials;
  auth::UserService& users;
};

// One call of a command: who calls, and a session to read with.
struct CommandCall {
  Services& services;
  const auth::Caller& caller;
  storage::Session& reader;
};

// Gives the value of its field as JSON text, every field of the type included; times as integers of
// microseconds.
using Command =
    std::function<Result<std::string>(const CommandCall& call, const execution::Arguments&)>;

// Who an endpoint is for: holders of API tokens, or logged-in users.
enum class Audience { kToken, kUser };

struct Definition {
  planning::Mapping mapping;
  Audience audience = Audience::kToken;
  std::vector<Command> commands = {};  // planning::CommandRoot::command counts in it
  // Fields of a kUser endpoint that need no user, such as generateToken.
  std::vector<std::string_view> public_fields = {};
};

// An endpoint of this build: its folder's schema and definition.
struct Domain {
  std::string_view name;  // in the URL, such as "program-progress"
  std::string_view sdl;
  Definition (*define)();
};

// Below it are the endpoints; the path of one of them.
inline constexpr std::string_view kEndpointsPath = "/api/public/api/v1/";
inline std::string endpoint_path(std::string_view name) {
  return fmt::format("{}{}/graphql", kEndpointsPath, name);
}

// All domains, by name. Made by CMake from the folders.
const std::vector<Domain>& all_domains();

}  // namespace matricula::domains
