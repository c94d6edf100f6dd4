#include "tests/nodes/pooler.h"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <libpq-fe.h>
#include <memory>
#include <sstream>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/assert.h"

namespace matricula::nodes {
namespace {

constexpr const char* kProgram = "/usr/sbin/pgbouncer";  // of the package pgbouncer

std::uint16_t free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  MATRICULA_ASSERT(bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
  MATRICULA_ASSERT(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  close(listener);
  return ntohs(address.sin_port);
}

}  // namespace

Pooler::Pooler(const storage::postgres::PrivateCluster& cluster, std::string_view mode,
               int connections, std::string_view more)
    : port_(free_port()) {
  namespace fs = std::filesystem;
  const std::string settings = directory_.file("pgbouncer.ini");
  const std::string socket = fs::path(cluster.socket_path()).parent_path();
  std::ofstream(directory_.file("users"))
      << "\"matricula_owner\" \"\"\n\"matricula_app\" \"\"\n\"postgres\" \"\"\n";
  std::ofstream(settings) << fmt::format(
      "[databases]\n* = host={} port=5432\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={}\n"
      "unix_socket_dir=\nauth_type=trust\nauth_file={}\npool_mode={}\ndefault_pool_size={}\n"
      "max_client_conn=500\nlogfile=\n{}\n",
      socket, port_, directory_.file("users"), mode, connections, more);
  fs::permissions(directory_.path(), fs::perms(0755));
  const std::string log = directory_.file("log");
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    if (getuid() == 0) {  // it does not run as root
      execl(kProgram, kProgram, "-u", "postgres", settings.c_str(), nullptr);
    } else {
      execl(kProgram, kProgram, settings.c_str(), nullptr);
    }
    std::_Exit(127);
  }
  const auto is_there = [&] {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> link(
        PQconnectdb(url("postgres", "postgres").c_str()), PQfinish);
    return PQstatus(link.get()) == CONNECTION_OK;
  };
  for (int i = 0; i < 500 && !is_there(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Pooler::~Pooler() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::string Pooler::url(std::string_view database, std::string_view role) const {
  return fmt::format("postgresql://{}@127.0.0.1:{}/{}", role, port_, database);
}

std::string Pooler::log() const {
  std::ostringstream text;
  text << std::ifstream(directory_.file("log")).rdbuf();
  return text.str();
}

}  // namespace matricula::nodes
