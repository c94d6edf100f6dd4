#pragma once

#include <string>

#include "auth/secrets/key_file.h"

namespace matricula::server {

// Where the key file of a store may be: `given`; else "matricula-keys" of the credentials that
// systemd hands on (CREDENTIALS_DIRECTORY), if it is there, or the store's path with "-keys": for a
// symbolic link its target's path, then its own. Of a store on a server, in place of a path: the
// name of its database with "-keys" in the working directory, and the directory that keeps key
// files: that of the service (STATE_DIRECTORY), or matricula/ below XDG_STATE_HOME or
// ~/.local/state.
auth::KeyPlaces key_places_of(const std::string& url, const std::string& given);

}  // namespace matricula::server
