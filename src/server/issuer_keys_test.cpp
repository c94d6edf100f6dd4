#include "server/issuer_keys.h"

#include <chrono>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matricula::server {
namespace {

// Takes connections and says nothing.
class SilentProvider {
 public:
  SilentProvider() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const at = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, at, size), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    EXPECT_EQ(::getsockname(socket_, at, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentProvider() { ::close(socket_); }
  SilentProvider(const SilentProvider&) = delete;
  SilentProvider& operator=(const SilentProvider&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/jwks"; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

Config config_of(std::string jwks) {
  Config config;
  config.jwks = std::move(jwks);
  config.jwt_issuer = "them";
  config.jwt_audience = "us";
  return config;
}

TEST(IssuerKeys, AProviderThatIsSilentHoldsUpNeitherTheStartNorTheEnd) {
  const SilentProvider provider;
  NullLogger logger;
  const auto began = std::chrono::steady_clock::now();
  {
    const auto keys = IssuerKeys::open(config_of(provider.url()), logger);
    ASSERT_TRUE(keys);
    EXPECT_EQ((*keys)->source()->current()->keys.size(), 0U);
  }
  // Of the ten seconds that it may take to answer.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(8));
}

TEST(IssuerKeys, APipeIsNotReadFrom) {
  const std::string path = testing::TempDir() + "matricula_pipe_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  NullLogger logger;
  const auto keys = IssuerKeys::open(config_of(path), logger);
  ::unlink(path.c_str());
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().message, path + " is not a regular file.");
}

}  // namespace
}  // namespace matricula::server
