// The server over TLS, with a certificate that the openssl program makes for each run.

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <initializer_list>
#include <malloc.h>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/assert.h"
#include "http/testing_client.h"
#include "http/testing_tls_client.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET /a?b HTTP/1.1\r\nHost: test\r\n\r\n";

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("matricula_tls_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (const std::string name : {"one", "two", "rsa"}) {
      const std::string kind = name == "rsa" ? "rsa:2048" : "ec -pkeyopt ec_paramgen_curve:P-256";
      const std::string command = "openssl req -x509 -newkey " + kind +
                                  " -nodes -days 2 -subj /CN=localhost -keyout " + key(name) +
                                  " -out " + certificate(name) + " 2>/dev/null";
      MATRICULA_ASSERT(std::system(command.c_str()) == 0);
    }
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static std::string certificate(const std::string& name) { return folder_ / (name + ".pem"); }
  static std::string key(const std::string& name) { return folder_ / (name + ".key"); }
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

  static std::filesystem::path folder_;
};

std::filesystem::path Tls::folder_;

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

TEST_F(Tls, AConnectionThatIsClosedBetweenRequestsEndsWell) {
  ServerConfig quick = config();
  quick.idle_timeout = milliseconds(100);
  TestServer server(echo, quick);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient idle(server.port(), version);
    EXPECT_EQ(idle.read(SIZE_MAX), "");
    EXPECT_TRUE(idle.ended_well());
    TlsClient leaving(server.port(), version);
    leaving.send(kGet);
    EXPECT_EQ(leaving.read(1).substr(0, 12), "HTTP/1.1 200");
    leaving.finish();
    EXPECT_EQ(leaving.read(SIZE_MAX), "");
    EXPECT_TRUE(leaving.ended_well());
  }
  TlsClient drained(server.port(), TLS1_3_VERSION);
  EXPECT_EQ(server.server().drain(milliseconds(2500)).connections_cut, 0U);
  EXPECT_EQ(drained.read(SIZE_MAX), "");
  EXPECT_TRUE(drained.ended_well());
}

TEST_F(Tls, AnAnswerThatIsCutDoesNotEndWell) {
  ServerConfig impatient = config();
  impatient.write_timeout = milliseconds(100);
  const auto large = std::make_shared<const std::string>(64 * 1024 * 1024, 'x');
  TestServer server(
      [&](const Request&, Responder responder) {
        responder.send({.shared_body = large, .compress = false});
      },
      impatient);
  TlsClient client(server.port(), TLS1_3_VERSION);
  client.send("GET / HTTP/1.0\r\n\r\n");
  while (server.server().stats().requests == 0 || server.server().stats().connections_open > 0) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_LT(client.read(SIZE_MAX).size(), large->size());
  EXPECT_FALSE(client.ended_well());
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

std::size_t bytes_in_use() {
  const struct mallinfo2 memory = mallinfo2();
  return memory.uordblks + memory.hblkhd;
}

TEST_F(Tls, AConnectionThatIsSilentOrIdleTakesLittleMemory) {
  constexpr std::size_t kConnections = 200;
  constexpr std::size_t kSilentBytesMax = 4 * 1024;
  constexpr std::size_t kIdleBytesMax = 24 * 1024;
  ServerConfig patient = config();
  patient.head_timeout = patient.idle_timeout = milliseconds(60'000);
  TestServer server(echo, patient);
  const auto wait_for = [&](std::size_t open) {
    while (server.server().stats().connections_open < open) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  };
  {
    TlsClient first(server.port(), TLS1_3_VERSION);
    ASSERT_TRUE(first.connected());
  }
  const std::size_t before = bytes_in_use();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (std::size_t i = 0; i < kConnections; ++i) {
    silent.push_back(std::make_unique<RawClient>(server.port()));
  }
  wait_for(kConnections);
  EXPECT_LT((bytes_in_use() - before) / kConnections, kSilentBytesMax);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::size_t without = bytes_in_use();
    std::vector<std::unique_ptr<TlsClient>> idle;
    for (std::size_t i = 0; i < kConnections; ++i) {
      idle.push_back(std::make_unique<TlsClient>(server.port(), version));
      idle.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_EQ(idle.back()->read(1).substr(0, 12), "HTTP/1.1 200");
      idle.back()->forget();
    }
    EXPECT_LT((bytes_in_use() - without) / kConnections, kIdleBytesMax) << version;
  }
}

}  // namespace
}  // namespace matricula::http
