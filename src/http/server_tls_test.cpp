// The server over TLS, with a certificate that the openssl program makes for each run.

#include <array>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <initializer_list>
#include <mutex>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <thread>
#include <unistd.h>

#include "base/assert.h"
#include "http/testing_client.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET /a?b HTTP/1.1\r\nHost: test\r\n\r\n";

class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version, const char* cipher = nullptr)
      : tcp_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    if (cipher != nullptr) {
      MATRICULA_ASSERT(SSL_CTX_set_cipher_list(context_, cipher) == 1);
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, tcp_.descriptor());
    static constexpr unsigned char kProtocols[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl_, kProtocols, sizeof(kProtocols) - 1);
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_, &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }
  // The certificate that the server has shown, as its signature.
  std::string server_certificate() const {
    X509* const certificate = SSL_get0_peer_certificate(ssl_);
    const ASN1_BIT_STRING* signature = nullptr;
    X509_get0_signature(&signature, nullptr, certificate);
    return {reinterpret_cast<const char*>(signature->data),
            static_cast<std::size_t>(signature->length)};
  }
  void send(std::string_view bytes) {
    MATRICULA_ASSERT(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0);
  }
  // Everything up to `size` bytes or to the orderly end of the connection.
  std::string read(std::size_t size) {
    std::string all;
    std::array<char, 16384> bytes{};
    while (all.size() < size) {
      const int count = SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()));
      if (count <= 0) {
        ended_well_ = SSL_get_error(ssl_, count) == SSL_ERROR_ZERO_RETURN;
        break;
      }
      all.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return all;
  }
  bool ended_well() const { return ended_well_; }
  void finish() {
    SSL_shutdown(ssl_);
    tcp_.finish_sending();
  }

 private:
  RawClient tcp_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  bool ended_well_ = false;
};

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder =
        std::filesystem::path(testing::TempDir()) / ("matricula_tls_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    for (const std::string name : {"one", "two", "rsa"}) {
      const std::string kind = name == "rsa" ? "rsa:2048" : "ec -pkeyopt ec_paramgen_curve:P-256";
      const std::string command = "openssl req -x509 -newkey " + kind +
                                  " -nodes -days 2 -subj /CN=localhost -keyout " + key(name) +
                                  " -out " + certificate(name) + " 2>/dev/null";
      MATRICULA_ASSERT(std::system(command.c_str()) == 0);
    }
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder); }

  static std::string certificate(const std::string& name) { return folder / (name + ".pem"); }
  static std::string key(const std::string& name) { return folder / (name + ".key"); }
  static ServerConfig config() {
    ServerConfig config = TestServer::quick_config();
    config.tls = TlsFiles{.certificate_chain = certificate("one"), .private_key = key("one")};
    config.head_timeout = milliseconds(150);
    return config;
  }
  static std::string start_failure(TlsFiles files) {
    const SystemClock clock;
    NullLogger logger;
    ServerConfig config = TestServer::quick_config();
    config.port = 0;
    config.tls = std::move(files);
    const auto started = Server::start(config, echo, clock, logger);
    return started ? "started" : started.error().message;
  }

  static std::filesystem::path folder;
};

std::filesystem::path Tls::folder;

TEST_F(Tls, ServesSeveralRequestsOnOneConnection) {
  TestServer server(
      [](const Request& request, Responder responder) {
        EXPECT_TRUE(request.tls);
        EXPECT_EQ(request.remote_address, "127.0.0.1");
        responder.send({.body = "hello", .compress = false});
      },
      config());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.protocol(), "http/1.1");
    client.send(kGet);
    const std::string first = client.read(1);
    EXPECT_EQ(first.substr(0, 15), "HTTP/1.1 200 OK");
    EXPECT_EQ(first.substr(first.size() - 5), "hello");
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read(SIZE_MAX).size(), first.size() + 19);
    EXPECT_TRUE(client.ended_well());
  }
}

TEST_F(Tls, LargeBodiesGoBothWays) {
  TestServer server(
      [](const Request& request, Responder responder) {
        responder.send({.body = std::string(request.body) + std::string(500'000, 'x')});
      },
      config());
  TlsClient client(server.port(), TLS1_3_VERSION);
  client.send(post(std::string(200'000, 'b'), "Connection: close\r\n"));
  const std::string answer = client.read(SIZE_MAX);
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4),
            std::string(200'000, 'b') + std::string(500'000, 'x'));
  EXPECT_TRUE(client.ended_well());
}

TEST_F(Tls, ARefusalIsReadableAndEndsWell) {
  TestServer server(echo, config());
  TlsClient client(server.port(), TLS1_3_VERSION);
  client.send(post(std::string(300'000, 'b')));
  EXPECT_EQ(client.read(SIZE_MAX).substr(0, 12), "HTTP/1.1 413");
  EXPECT_TRUE(client.ended_well());
}

TEST_F(Tls, AHeadThatDoesNotComeIsA408) {
  TestServer server(echo, config());
  TlsClient client(server.port(), TLS1_3_VERSION);
  client.send("GET /");
  EXPECT_EQ(client.read(SIZE_MAX).substr(0, 12), "HTTP/1.1 408");
  EXPECT_TRUE(client.ended_well());
}

TEST_F(Tls, OldVersionsAndPlainTextAreTurnedAway) {
  TestServer server(echo, config());
  EXPECT_FALSE(TlsClient(server.port(), TLS1_1_VERSION).connected());
  RawClient plain(server.port());
  EXPECT_EQ(plain.ask(kGet).status, 0);
}

class Lines final : public Logger {
 public:
  void log(LogLevel, std::string_view message, std::initializer_list<LogField>) override {
    const std::lock_guard lock(mutex_);
    text_ += std::string(message) + "\n";
  }
  std::string take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(text_, {});
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

TEST_F(Tls, PlainHttpIsTurnedAwayAtOnceAndTheLogSaysWhy) {
  const SystemClock clock;
  Lines lines;
  ServerConfig slow = config();
  slow.port = 0;
  slow.head_timeout = std::chrono::seconds(60);
  slow.access_log = false;
  const auto server = Server::start(slow, echo, clock, lines);
  ASSERT_TRUE(server) << server.error().message;
  lines.take();
  for (const std::string_view request :
       {"GET / HTTP/1.1\r\n\r\n", "PATCH / HTTP/1.1\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n"}) {
    RawClient plain((*server)->port());
    plain.send(request);
    EXPECT_TRUE(plain.is_closed_by_server()) << request;
    EXPECT_EQ(lines.take(),
              "a client does not speak TLS, which this port does: https:// in the address?\n");
  }
  EXPECT_FALSE(TlsClient((*server)->port(), TLS1_1_VERSION).connected());
  EXPECT_EQ(lines.take(), "") << "it does, and is too old";
}

TEST_F(Tls, ToAPortOfPlainHttpIsRefusedAtOnce) {
  ServerConfig slow = TestServer::quick_config();
  slow.head_timeout = std::chrono::seconds(60);
  TestServer server(echo, slow);
  // The first bytes of a ClientHello, or only one of them.
  for (const std::string_view hello :
       {std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string_view("\x16")}) {
    RawClient client(server.port());
    const Answer answer = client.ask(hello);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(
        answer.body,
        R"({"errors":[{"message":"This is TLS, and plain HTTP is spoken here. Use http:// in )"
        R"(the address."}]})");
    client.finish_sending();
    EXPECT_TRUE(client.is_closed_by_server());
  }
}

TEST_F(Tls, AHandshakeHasTheTimeOfAHead) {
  TestServer server(echo, config());
  RawClient silent(server.port());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(silent.is_closed_by_server());
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(140));
}

TEST_F(Tls, DrainWaitsForWhatHasBegun) {
  std::thread worker;
  TestServer server(
      [&](const Request& request, Responder responder) {
        worker = std::thread([&request, responder = std::move(responder)]() mutable {
          std::this_thread::sleep_for(milliseconds(50));
          echo(request, std::move(responder));
        });
      },
      config());
  TlsClient client(server.port(), TLS1_3_VERSION);
  client.send(kGet);
  while (server.server().stats().requests_in_flight == 0) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  std::thread reader([&] {
    EXPECT_EQ(client.read(SIZE_MAX).substr(0, 12), "HTTP/1.1 200");
    EXPECT_TRUE(client.ended_well());
    client.finish();
  });
  EXPECT_EQ(server.server().drain(milliseconds(2500)).connections_cut, 0U);
  reader.join();
  worker.join();
}

TEST_F(Tls, FilesThatCannotBeUsedAreNamed) {
  EXPECT_EQ(start_failure({.certificate_chain = "none.pem", .private_key = key("one")}),
            "The TLS certificate \"none.pem\" cannot be used. Give a readable PEM file with the "
            "server's certificate first.");
  EXPECT_EQ(start_failure({.certificate_chain = certificate("one"), .private_key = "none.key"}),
            "The TLS key \"none.key\" cannot be used. Give a readable PEM file with the "
            "unencrypted private key of the certificate \"" +
                certificate("one") + "\".");
}

// Without asking a terminal for the pass phrase.
TEST_F(Tls, AnEncryptedKeyStopsTheStart) {
  const std::string command = "openssl pkey -in " + key("one") + " -aes256 -passout pass:x -out " +
                              key("encrypted") + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  testing::internal::CaptureStderr();
  EXPECT_EQ(
      start_failure({.certificate_chain = certificate("one"), .private_key = key("encrypted")}),
      "The TLS key \"" + key("encrypted") +
          "\" cannot be used. Give a readable PEM file with the unencrypted private key of the "
          "certificate \"" +
          certificate("one") + "\".");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Tls, AKeyOfAnotherCertificateStopsTheStart) {
  for (const std::string other : {"two", "rsa"}) {
    EXPECT_EQ(start_failure({.certificate_chain = certificate("one"), .private_key = key(other)}),
              "The TLS key \"" + key(other) + "\" does not belong to the certificate \"" +
                  certificate("one") + "\". Give the private key of that certificate.");
  }
}

TEST_F(Tls, AKeyThatEveryUserMayReadOrWriteStopsTheStart) {
  namespace fs = std::filesystem;
  const TlsFiles files{.certificate_chain = certificate("one"), .private_key = key("open")};
  fs::copy_file(key("one"), key("open"), fs::copy_options::overwrite_existing);
  for (const auto bad : {fs::perms::others_read, fs::perms::others_write}) {
    fs::permissions(key("open"), fs::perms::owner_read | bad);
    EXPECT_EQ(start_failure(files),
              "Every user of the system may read or write the TLS key \"" + key("open") +
                  "\". Take that away (chmod o-rwx), and change the key if others may have read "
                  "it.");
  }
  // As Kubernetes and Debian's ssl-cert give it.
  fs::permissions(key("open"), fs::perms::owner_read | fs::perms::group_read);
  EXPECT_EQ(start_failure(files), "started");
}

TEST_F(Tls, OnlyForwardSecrecyAndAuthenticatedEncryptionAreTaken) {
  TestServer server(echo, config());
  for (const char* const good : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                                 "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    EXPECT_TRUE(TlsClient(server.port(), TLS1_2_VERSION, good).connected()) << good;
  }
  for (const char* const bad : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                                "ECDHE-ECDSA-AES128-CCM", "AES128-GCM-SHA256", "AES256-SHA"}) {
    EXPECT_FALSE(TlsClient(server.port(), TLS1_2_VERSION, bad).connected()) << bad;
  }
  ServerConfig rsa = config();
  rsa.tls = TlsFiles{.certificate_chain = certificate("rsa"), .private_key = key("rsa")};
  TestServer other(echo, rsa);
  EXPECT_TRUE(TlsClient(other.port(), TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256").connected());
  for (const char* const bad :
       {"AES128-GCM-SHA256", "AES256-SHA256", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-SHA"}) {
    EXPECT_FALSE(TlsClient(other.port(), TLS1_2_VERSION, bad).connected()) << bad;
  }
}

TEST_F(Tls, AReloadIsForConnectionsToCome) {
  namespace fs = std::filesystem;
  const auto use = [](const std::string& name) {
    fs::copy_file(certificate(name), certificate("live"), fs::copy_options::overwrite_existing);
    fs::copy_file(key(name), key("live"), fs::copy_options::overwrite_existing);
    fs::permissions(key("live"), fs::perms::owner_read | fs::perms::owner_write);
  };
  use("one");
  ServerConfig settings = config();
  settings.head_timeout = milliseconds(5'000);
  settings.tls = TlsFiles{.certificate_chain = certificate("live"), .private_key = key("live")};
  TestServer server(echo, settings);
  TlsClient before(server.port(), TLS1_3_VERSION);
  use("two");
  ASSERT_TRUE(server.server().reload_tls());
  TlsClient after(server.port(), TLS1_3_VERSION);
  EXPECT_NE(before.server_certificate(), after.server_certificate());

  fs::copy_file(key("one"), key("live"), fs::copy_options::overwrite_existing);
  const auto bad = server.server().reload_tls();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message,
            "The TLS key \"" + key("live") + "\" does not belong to the certificate \"" +
                certificate("live") + "\". Give the private key of that certificate.");
  TlsClient still(server.port(), TLS1_3_VERSION);
  EXPECT_EQ(still.server_certificate(), after.server_certificate());
  before.send("GET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(before.read(SIZE_MAX).substr(0, 12), "HTTP/1.1 200");
}

}  // namespace
}  // namespace matricula::http
