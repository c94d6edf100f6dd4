#include "portal/action_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace matricula::portal {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array kActions = {
    Words{"credential.create", "Created a credential"},
    Words{"credential.rotate", "Rotated a secret"},
    Words{"credential.revoke", "Revoked a credential"},
    Words{"credential.restrict", "Changed a credential's restrictions"},
    Words{"credential.withdraw", "Took the company away from a credential"},
    Words{"token.generate", "Exchanged a credential for a token"},
    Words{"token.create", "Created a token"},
    Words{"token.revoke", "Revoked a token"},
    Words{"token.addScope", "Gave a token access to the company"},
    Words{"token.removeScope", "Took a token's access to the company away"},
    Words{"limits.set", "Set a limit"},
    Words{"limits.clear", "Cleared a limit"},
    Words{"request.authenticate", "Sent an invalid token or login"},
    Words{"request.authorize", "Asked for what the token does not cover"},
    Words{"user.add", "Added a person"},
    Words{"user.setPassword", "Set a person's password"},
    Words{"user.setRoles", "Changed what a person may do"},
    Words{"user.remove", "Removed a person's access"},
    Words{"user.login", "Logged in"},
    Words{"user.logout", "Logged out"},
};

}  // namespace

std::string_view action_text(std::string_view action) {
  const auto* const found = std::ranges::find(kActions, action, &Words::first);
  return found == kActions.end() ? action : found->second;
}

}  // namespace matricula::portal
