#pragma once

#include <vector>

#include "base/network.h"
#include "base/result.h"
#include "server/config.h"
#include "server/cross_origin.h"
#include "server/listen_address.h"

namespace matricula::server {

// Settings that were read and checked.
struct CheckedSettings {
  ListenAddress address;
  std::vector<Network> proxies;
  CrossOrigin cross_origin;
};

// Checks the settings and reads all files that they name, except the store: a mistake must be found
// before a store or a key file is made. kUsage names the option; for files and addresses that
// cannot be used, the errors of their readers.
Result<CheckedSettings> check_settings(const Config& config);

}  // namespace matricula::server
