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

// Reads the settings, and everything that they name but the store: a mistake is to be found before
// a store or a key file is made. kUsage names the option; files and addresses that cannot be used
// are the errors of what reads them.
Result<CheckedSettings> check_settings(const Config& config);

}  // namespace matricula::server
