#include "storage/postgres/testing_cluster.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <memory>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace matricula::storage::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kStartPause{10};
constexpr int kStartTries = 3'000;

[[noreturn]] void give_up(const std::string& reason) {
  fmt::print(stderr, "The tests need a PostgreSQL server (package postgresql-15): {}\n", reason);
  std::_Exit(1);
}

// PostgreSQL's programs: those of the variable, copied to where the server's user may read them, or
// the ones that Debian's packages install.
std::string programs_directory(const std::string& directory) {
  if (const char* given = std::getenv(kProgramsVariable); given != nullptr) {
    const fs::path copy = fs::path(directory) / "programs";
    std::error_code failed;
    fs::copy(given, copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks, failed);
    if (failed) {
      give_up(fmt::format("cannot copy {}: {}", given, failed.message()));
    }
    for (const auto& program : fs::directory_iterator(copy / "bin")) {
      fs::permissions(program, fs::perms::others_exec | fs::perms::others_read,
                      fs::perm_options::add);
    }
    return copy / "bin";
  }
  const fs::path root = "/usr/lib/postgresql";
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator(root, ignored)) {
    if (fs::exists(version.path() / "bin/initdb")) {
      return (version.path() / "bin").string();
    }
  }
  give_up("there is no initdb below /usr/lib/postgresql");
}

// Starts a program as another user, its output in a file; it gets `death_signal` when we end.
pid_t start_program(const std::vector<std::string>& words, uid_t user, gid_t group,
                    const std::string& log, int death_signal) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) {
    return child;
  }
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  const bool is_changed =
      getuid() != 0 || (setgroups(0, nullptr) == 0 && setgid(group) == 0 && setuid(user) == 0);
  // Signals that a test blocks would stay blocked in the server.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, death_signal);
  if (is_changed && chdir("/") == 0) {
    execv(arguments[0], arguments.data());
  }
  std::_Exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

using Link = std::unique_ptr<PGconn, decltype(&PQfinish)>;

}  // namespace

PrivateCluster& PrivateCluster::instance() {
  static PrivateCluster cluster;
  return cluster;
}

PrivateCluster::PrivateCluster() : directory_("/tmp/matricula-pg-XXXXXX") {
  if (mkdtemp(directory_.data()) == nullptr) {
    give_up("no directory can be made in /tmp");
  }
  user_ = getuid();
  group_ = getgid();
  if (user_ == 0) {
    // PostgreSQL refuses to run as root.
    const passwd* account = getpwnam("postgres");
    account = account != nullptr ? account : getpwnam("nobody");
    if (account == nullptr) {
      give_up("there is neither a user postgres nor nobody to run it");
    }
    user_ = account->pw_uid;
    group_ = account->pw_gid;
    if (chown(directory_.c_str(), user_, group_) != 0) {
      give_up("its directory cannot be given to its user");
    }
  }
  programs_ = programs_directory(directory_);
  const std::string log = directory_ + "/log";
  const pid_t made =
      start_program({programs_ + "/initdb", "-D", directory_ + "/data", "-U", "postgres", "-A",
                     "trust", "--encoding=UTF8", "--locale=C", "--no-sync"},
                    user_, group_, log, SIGKILL);
  if (wait_for(made) != 0) {
    give_up("initdb failed; see " + log);
  }
  start();
  run("CREATE ROLE matricula_owner LOGIN");
  run("CREATE ROLE matricula_app LOGIN");
}

PrivateCluster::~PrivateCluster() {
  freeze(false);
  stop_at_once();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void PrivateCluster::start() {
  server_ = start_program({programs_ + "/postgres",
                           "-D",
                           directory_ + "/data",
                           "-k",
                           directory_,
                           "-c",
                           "listen_addresses=",
                           "-c",
                           "fsync=off",
                           "-c",
                           "full_page_writes=off",
                           "-c",
                           "shared_buffers=64MB",
                           "-c",
                           "max_connections=200",
                           "-c",
                           "autovacuum_naptime=10s",
                           "-c",
                           "max_wal_size=256MB",
                           "-c",
                           "log_min_messages=fatal"},
                          user_, group_, directory_ + "/log", SIGQUIT);
  for (int i = 0; i < kStartTries; ++i) {
    if (answers()) {
      return;
    }
    if (waitpid(server_, nullptr, WNOHANG) == server_) {
      break;
    }
    std::this_thread::sleep_for(kStartPause);
  }
  give_up("the server does not start; see " + directory_ + "/log");
}

bool PrivateCluster::answers() const {
  const Link link(PQconnectdb(url("postgres", "postgres").c_str()), PQfinish);
  return PQstatus(link.get()) == CONNECTION_OK;
}

void PrivateCluster::stop_at_once() {
  if (server_ > 0) {
    kill(server_, SIGQUIT);
    waitpid(server_, nullptr, 0);
    server_ = -1;
  }
}

void PrivateCluster::freeze(bool frozen) const {
  if (server_ <= 0) {
    return;
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const pid_t process = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
    std::FILE* file = process > 0 ? std::fopen((entry.path() / "stat").c_str(), "re") : nullptr;
    if (file == nullptr) {
      continue;
    }
    int parent = 0;
    const bool is_child =
        std::fscanf(file, "%*d (%*[^)]) %*c %d", &parent) == 1 && parent == server_;
    std::fclose(file);
    if (is_child || process == server_) {
      kill(process, frozen ? SIGSTOP : SIGCONT);
    }
  }
}

std::string PrivateCluster::new_database() {
  std::string name = fmt::format("t{}", ++databases_);
  run(fmt::format("CREATE DATABASE {} OWNER matricula_owner", name));
  return name;
}

void PrivateCluster::drop_database(const std::string& name) const {
  run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
}

std::string PrivateCluster::url(std::string_view database, std::string_view role) const {
  std::string host;
  for (const char c : directory_) {
    host += c == '/' ? "%2F" : std::string(1, c);
  }
  return fmt::format("postgresql://{}@/{}?host={}", role, database, host);
}

std::string PrivateCluster::new_store(std::string_view engine, const std::string& path) {
  return engine == "sqlite" ? "sqlite:" + path : instance().url(instance().new_database());
}

std::string PrivateCluster::run(const std::string& sql, const std::string& database) const {
  const Link link(PQconnectdb(url(database, "postgres").c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(link.get(), sql.c_str()),
                                                             PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    give_up(fmt::format("{}: {}", sql, PQerrorMessage(link.get())));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace matricula::storage::postgres
