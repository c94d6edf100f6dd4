#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"

namespace matricula::nodes {

// PgBouncer in front of a server of the tests, listening on 127.0.0.1 alone. It ends with this
// object.
class Pooler {
 public:
  // `mode` as its pool_mode; `more` are lines of its configuration. Few connections to the server,
  // so that clients share them where the mode lets them.
  Pooler(const storage::postgres::PrivateCluster& cluster, std::string_view mode, int connections,
         std::string_view more = {});
  ~Pooler();
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;

  std::string url(std::string_view database, std::string_view role) const;
  std::string log() const;

 private:
  storage::TempDirectory directory_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace matricula::nodes
