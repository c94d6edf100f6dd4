#include "tests/nodes/node.h"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "http/testing_client.h"
#include "json/writer.h"

namespace matricula::nodes {

Node::Node(const std::vector<std::string>& options) {
  std::vector<std::string> words = {MATRICULA_PROGRAM, "serve",           "--listen",
                                    "127.0.0.1:0",     "--no-access-log", "--log-level",
                                    "error",           "--threads",       "1"};
  words.insert(words.end(), options.begin(), options.end());
  int pipes[2];
  MATRICULA_ASSERT(pipe(pipes) == 0);
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(pipes[1], STDOUT_FILENO);
    // What a node logs of a store that is gone is not what a test is about.
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    close(pipes[0]);
    close(pipes[1]);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    std::_Exit(127);
  }
  close(pipes[1]);
  std::FILE* out = fdopen(pipes[0], "r");
  char line[256] = {};
  unsigned port = 0;
  while (port == 0 && std::fgets(line, sizeof line, out) != nullptr) {
    std::sscanf(line, "listening on http://127.0.0.1:%u", &port);
  }
  std::fclose(out);
  port_ = static_cast<std::uint16_t>(port);
  MATRICULA_ASSERT(port_ != 0);
}

Node::~Node() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

Reply Node::send(const std::string& request) const {
  http::RawClient client(port_);
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
