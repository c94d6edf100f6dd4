#include "tests/nodes/proxy.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/assert.h"

namespace matricula::nodes {
namespace {

// How soon a change of mind is noticed.
constexpr int kPollMs = 5;

}  // namespace

Proxy::Proxy(std::string socket_path)
    : socket_path_(std::move(socket_path)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  MATRICULA_ASSERT(bind(listener_, any, size) == 0 && listen(listener_, 128) == 0);
  MATRICULA_ASSERT(getsockname(listener_, any, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

Proxy::~Proxy() {
  ends_ = true;
  thread_.join();
  for (const Link& link : links_) {
    close(link.client);
    close(link.server);
  }
  close(listener_);
}

void Proxy::accept() {
  Link link{.client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), .server = -1};
  if (swallows_) {
    link.is_broken = true;
  } else {
    link.server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (connect(link.server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      close(link.server);
      close(link.client);
      return;
    }
  }
  links_.push_back(link);
}

bool Proxy::carry(const Link& link, int from, int to) {
  char bytes[65536];
  const ssize_t count = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count <= 0) {
    return false;
  }
  if (from == link.client && is_cut_at({bytes, static_cast<std::size_t>(count)})) {
    return false;
  }
  return link.is_broken || send(to, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

void Proxy::cut_at(std::vector<std::string> texts) {
  const std::lock_guard lock(mutex_);
  cut_at_ = std::move(texts);
}

std::size_t Proxy::cuts_left() {
  const std::lock_guard lock(mutex_);
  return cut_at_.size();
}

bool Proxy::is_cut_at(std::string_view sent) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      cut_at_, [&](const std::string& text) { return sent.find(text) != std::string_view::npos; });
  if (found == cut_at_.end()) {
    return false;
  }
  cut_at_.erase(found);
  return true;
}

void Proxy::work() {
  while (!ends_) {
    std::vector<pollfd> polled = {{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Link& link : links_) {
      polled.push_back({.fd = link.client, .events = POLLIN, .revents = 0});
      polled.push_back({.fd = link.server, .events = POLLIN, .revents = 0});
    }
    poll(polled.data(), polled.size(), kPollMs);
    std::vector<Link> kept;
    for (std::size_t i = 0; i < links_.size(); ++i) {
      Link& link = links_[i];
      link.is_broken = link.is_broken || swallows_;
      const bool goes_on =
          (polled[2 * i + 1].revents == 0 || carry(link, link.client, link.server)) &&
          (polled[2 * i + 2].revents == 0 || carry(link, link.server, link.client));
      if (goes_on) {
        kept.push_back(link);
      } else {
        close(link.client);
        close(link.server);
      }
    }
    links_ = std::move(kept);
    if (polled[0].revents != 0) {
      accept();
    }
  }
}

}  // namespace matricula::nodes
