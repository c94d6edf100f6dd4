#include "tests/bench/measure.h"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matricula::bench {

double cpu_us_of(pid_t process) {
  clockid_t clock = 0;
  MATRICULA_ASSERT(clock_getcpuclockid(process, &clock) == 0);
  timespec time{};
  MATRICULA_ASSERT(clock_gettime(clock, &time) == 0);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string matricula_binary() {
  const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../..";
  return (build / "src/cli/matricula").lexically_normal().string();
}

void run_or_die(const std::string& command) {
  fmt::print("$ {}\n", command);
  std::fflush(stdout);
  MATRICULA_ASSERT(std::system(command.c_str()) == 0);
}

Memory memory_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  std::string line;
  Memory memory;
  while (std::getline(status, line)) {
    if (line.starts_with("RssAnon:")) {
      memory.anonymous_kib = std::stoull(line.substr(8));
    } else if (line.starts_with("RssFile:")) {
      memory.file_kib = std::stoull(line.substr(8));
    }
  }
  return memory;
}

Client::Client(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  MATRICULA_ASSERT(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

Client::~Client() {
  ::close(socket_);
}

std::string Client::post(const std::string& token, const std::string& body) {
  send(token, body);
  while (!receive()) {
  }
  return std::string(answer());
}

void Client::send(const std::string& token, const std::string& body) {
  const std::string request = fmt::format(
      "POST /api/public/api/v1/program-progress/graphql HTTP/1.1\r\nHost: x\r\n"
      "Authorization: Token {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      token, body.size(), body);
  MATRICULA_ASSERT(::write(socket_, request.data(), request.size()) ==
                   static_cast<ssize_t>(request.size()));
  buffer_.clear();
  body_at_ = 0;
}

bool Client::receive() {
  char chunk[65536];
  const ssize_t got = ::read(socket_, chunk, sizeof chunk);
  MATRICULA_ASSERT(got > 0);
  buffer_.append(chunk, static_cast<std::size_t>(got));
  if (body_at_ == 0) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) {
      return false;
    }
    body_at_ = end + 4;
    length_ = std::stoul(buffer_.substr(buffer_.find("Content-Length: ") + 16));
  }
  return buffer_.size() >= body_at_ + length_;
}

std::string_view Client::answer() const {
  return std::string_view(buffer_).substr(body_at_);
}

void ask_many(std::uint16_t port, const std::vector<std::string>& tokens, const std::string& body,
              int connections, int count) {
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<pollfd> polled;
  int sent = 0;
  const auto send = [&](Client& client) {
    client.send(tokens[static_cast<std::size_t>(sent) % tokens.size()], body);
    ++sent;
  };
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    polled.push_back({.fd = clients.back()->socket(), .events = POLLIN, .revents = 0});
    send(*clients.back());
  }
  for (int answered = 0; answered < count;) {
    MATRICULA_ASSERT(::poll(polled.data(), polled.size(), -1) > 0);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0 || !clients[i]->receive()) {
        continue;
      }
      MATRICULA_ASSERT(clients[i]->answer().find("edges") != std::string_view::npos);
      ++answered;
      if (sent < count) {
        send(*clients[i]);
      }
    }
  }
}

Process::Process(const std::function<void(int)>& child) {
  int pipe_ends[2];
  MATRICULA_ASSERT(::pipe(pipe_ends) == 0);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::close(pipe_ends[0]);
    child(pipe_ends[1]);
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  std::string text;
  char c = 0;
  while (::read(pipe_ends[0], &c, 1) == 1 && c != '\n') {
    text += c;
  }
  const std::size_t colon = text.rfind(':');
  MATRICULA_ASSERT(colon != std::string::npos);
  port_ = static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)));
  ::close(pipe_ends[0]);
}

Process::~Process() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace matricula::bench
