#include "tests/nodes/node.h"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "http/testing_client.h"
#include "json/writer.h"

namespace matricula::nodes {

namespace {

// How long an answer is waited for. Longer than the longest that a node may wait for its store: how
// long it waited is for the test to say.
constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

// Starts a program; it ends when we do.
pid_t start_program(std::vector<std::string> words, int out, int error) {
  const pid_t process = fork();
  if (process != 0) {
    return process;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(out, STDOUT_FILENO);
  dup2(error, STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  std::_Exit(127);
}

std::string content(int file) {
  std::string text;
  char part[65536];
  for (ssize_t count = 0;
       (count = pread(file, part, sizeof part, static_cast<off_t>(text.size()))) > 0;) {
    text.append(part, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

Node::Node(const std::vector<std::string>& options, const std::string& program)
    : log_(memfd_create("log", MFD_CLOEXEC)) {
  std::vector<std::string> words = {program,       "serve",           "--listen",
                                    "127.0.0.1:0", "--no-access-log", "--log-level",
                                    "error",       "--threads",       "1"};
  words.insert(words.end(), options.begin(), options.end());
  int pipes[2];
  MATRICULA_ASSERT(pipe2(pipes, O_CLOEXEC) == 0);
  process_ = start_program(std::move(words), pipes[1], log_);
  close(pipes[1]);
  out_ = pipes[0];
}

void Node::await_start() {
  std::FILE* out = fdopen(out_, "r");
  char line[256] = {};
  unsigned port = 0;
  while (port == 0 && std::fgets(line, sizeof line, out) != nullptr) {
    std::sscanf(line, "listening on http://127.0.0.1:%u", &port);
  }
  std::fclose(out);
  port_ = static_cast<std::uint16_t>(port);
  if (port_ == 0) {
    fmt::print(stderr, "{}\n", content(log_));
  }
  MATRICULA_ASSERT(port_ != 0);
}

Node::~Node() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  close(log_);
}

std::vector<std::string> Node::stop() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  process_ = -1;
  std::vector<std::string> lines;
  std::istringstream log(content(log_));
  for (std::string line; std::getline(log, line);) {
    lines.push_back(std::move(line));
  }
  return lines;
}

int run_program(const std::vector<std::string>& words) {
  int status = 0;
  const pid_t process = start_program(words, STDOUT_FILENO, STDERR_FILENO);
  return waitpid(process, &status, 0) == process && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Reply Node::send(const std::string& request) const {
  http::RawClient client(port_);
  setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  const http::Answer answer = client.ask(request);
  return {.status = answer.status, .body = answer.body};
}

Reply Node::post(std::string_view path, std::string_view body,
                 std::string_view authorization) const {
  return send(
      fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  "Content-Type: application/json\r\n{}{}{}Content-Length: {}\r\n\r\n{}",
                  path, authorization.empty() ? "" : "Authorization: ", authorization,
                  authorization.empty() ? "" : "\r\n", body.size(), body));
}

Reply Node::ask(std::string_view endpoint, std::string_view document,
                std::string_view authorization) const {
  std::string body = "{\"query\":";
  json::append_string(body, document);
  body += '}';
  return post(fmt::format("/api/public/api/v1/{}/graphql", endpoint), body, authorization);
}

int Node::status_of(std::string_view path) const {
  return send(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path)).status;
}

std::size_t Node::memory_kib() const {
  std::ifstream status(fmt::format("/proc/{}/status", process_));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) {
      return std::stoul(line.substr(6));
    }
  }
  return 0;
}

std::string text_in(std::string_view body, std::string_view name) {
  const std::string start = fmt::format("\"{}\":\"", name);
  const std::size_t found = body.find(start);
  if (found == std::string_view::npos) {
    return {};
  }
  const std::size_t begin = found + start.size();
  return std::string(body.substr(begin, body.find('"', begin) - begin));
}

}  // namespace matricula::nodes
