#pragma once

#include <string>
#include <vector>

#include "auth/secrets/secrets.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Where the key file of a store may be.
struct KeyPlaces {
  // Looked at in this order; where there is none of them and no directory, the first is made.
  std::vector<std::string> files;
  // A directory for the key files of stores that are not files themselves, whatever the working
  // directory is; empty for none. A file there is named after the database and the check value of
  // its keys, and so found by the store. It is made there, and the directory with it.
  std::string directory = {};
  std::string database = {};
  // The file of a store on SQLite: a key file that root makes beside it gets its owner. Empty where
  // an operator named the key file.
  std::string store_file = {};
};

// Reads the key file of a store, or makes both the file (mode 0600) and the store's check value
// when the store has none yet. The store keeps where it was made. One clear line when the file is
// missing, with every place that was looked at and where it was made; when it is not a key file,
// may be read by other users, or belongs to another store. Its group may read it where root owns
// it, as Kubernetes and systemd hand secrets on. `store` is only for messages.
Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const KeyPlaces& places);
// The same for one place.
Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const std::string& key_file);

}  // namespace matricula::auth
