#include "storage/postgres/hosts.h"

#include <arpa/inet.h>
#include <condition_variable>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <system_error>
#include <thread>

#include "base/within_memory.h"
#include "storage/postgres/limits.h"

namespace matricula::storage::postgres {
namespace {

bool is_numeric(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &ignored) == 1 || host.find('%') != std::string::npos;
}

// A path, or a name of the abstract space.
bool is_socket(const std::string& host) {
  return host.starts_with('/') || host.starts_with('@');
}

struct Found {
  int error = 0;
  std::vector<std::string> addresses = {};
};

Found look_up(const std::string& name) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  Found found{.error = getaddrinfo(name.c_str(), nullptr, &wanted, &list)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, freeaddrinfo);
  for (const addrinfo* each = found.error == 0 ? list : nullptr; each != nullptr;
       each = each->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      found.addresses.emplace_back(text);
    }
  }
  return found;
}

// A name server that is silent holds getaddrinfo() up for longer than a caller may wait. The thread
// that is left behind owns what it writes to.
std::optional<Found> look_up(const std::string& name, std::chrono::milliseconds limit) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Found> found;
  };
  const auto shared = std::make_shared<Shared>();
  try {
    std::thread([shared, name] {
      Found found{.error = EAI_MEMORY};
      run_within_memory([&] { found = look_up(name); });
      const std::lock_guard lock(shared->mutex);
      shared->found = std::move(found);
      shared->done.notify_one();
    }).detach();
  } catch (const std::system_error&) {
    return Found{.error = EAI_MEMORY};  // there can be no more threads
  }
  std::unique_lock lock(shared->mutex);
  shared->done.wait_for(lock, limit, [&shared] { return shared->found.has_value(); });
  return shared->found;
}

Result<void> add_named(std::vector<Host>& hosts, const Host& named,
                       std::chrono::milliseconds limit) {
  const std::optional<Found> found = look_up(named.host, limit);
  if (!found || found->error != 0) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("The name {} of the database server cannot be looked up: {}.", named.host,
                    found ? gai_strerror(found->error) : "the name server is silent"));
  }
  for (const std::string& address : found->addresses) {
    Host host = named;
    host.hostaddr = address;
    host.shown =
        found->addresses.size() > 1 ? fmt::format("{} ({})", named.shown, address) : named.shown;
    hosts.push_back(std::move(host));
  }
  return {};
}

}  // namespace

Result<std::vector<Host>> hosts_of(const Address& address, std::chrono::milliseconds limit) {
  // Its file of services is for libpq to read.
  if (!address.option("service").empty() && address.option("host").empty() &&
      address.option("hostaddr").empty()) {
    return std::vector<Host>{{.shown = address.shown}};
  }
  const std::vector<std::string> names = address.list("host");
  const std::vector<std::string> addresses = address.list("hostaddr");
  const std::vector<std::string> ports = address.list("port");
  const std::size_t count = std::max(names.size(), addresses.size());
  std::vector<Host> hosts;
  Result<void> unknown;
  for (std::size_t i = 0; i < count; ++i) {
    Host host{.host = nth_of(names, i), .hostaddr = nth_of(addresses, i), .port = nth_of(ports, i)};
    const std::string& name = host.host.empty() ? host.hostaddr : host.host;
    host.shown = shown_host(name, host.port);
    if (!host.hostaddr.empty() || name.empty() || is_socket(name) || is_numeric(name)) {
      hosts.push_back(std::move(host));
    } else if (Result<void> added = add_named(hosts, host, limit); !added) {
      unknown = std::move(added);
    }
  }
  if (hosts.empty()) {
    return fail(unknown.error());
  }
  hosts.resize(std::min(hosts.size(), kHostsMax));
  return hosts;
}

}  // namespace matricula::storage::postgres
