#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

namespace matricula::storage::postgres {

// Names a folder that has the programs of another version of PostgreSQL in bin/, for
// PrivateCluster; without it the installed one is used.
inline constexpr const char* kProgramsVariable = "MATRICULA_POSTGRES_PROGRAMS";

// For tests: a PostgreSQL server of one's own in a temporary directory, reached through a socket
// there alone. It is not synced to disk, and it goes with the process that started it. One thread.
//
// It has the superuser `postgres`, and the roles `matricula_owner`, who owns the databases, and
// `matricula_app`, who owns nothing.
class PrivateCluster {
 public:
  // The one of this process, made at the first use. Ends the process, saying why, when no server
  // can be started: without one there is nothing to test.
  static PrivateCluster& instance();
  ~PrivateCluster();
  PrivateCluster(const PrivateCluster&) = delete;
  PrivateCluster& operator=(const PrivateCluster&) = delete;

  // Makes an empty database and gives its name.
  std::string new_database();
  void drop_database(const std::string& name) const;
  std::string url(std::string_view database, std::string_view role = "matricula_owner") const;

  // The address of a new store of either engine, which tests have as a parameter: "sqlite", in a
  // file at `path`, or "postgres".
  static std::string new_store(std::string_view engine, const std::string& path);

  // Where it listens.
  std::string socket_path() const { return directory_ + "/.s.PGSQL.5432"; }

  // As `pg_ctl stop -m immediate` does: connections are cut, the server recovers when it starts.
  void stop_at_once();
  void start();
  // Stops the server's processes where they stand, and lets them go on.
  void freeze(bool frozen) const;
  // Runs SQL as the superuser; gives the first value of what it selects.
  std::string run(const std::string& sql, const std::string& database = "postgres") const;

 private:
  PrivateCluster();
  bool answers() const;

  std::string directory_;
  std::string programs_;  // where PostgreSQL's programs are
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace matricula::storage::postgres
