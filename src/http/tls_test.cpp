// The files of TLS that a server does not start with.

#include "http/tls.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"

namespace matricula::http {
namespace {

class TlsFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    make_certificate("good", "ec -pkeyopt ec_paramgen_curve:P-256");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ / name; }
  void make_certificate(const std::string& name, const std::string& kind) {
    const std::string command =
        "openssl req -x509 -newkey " + kind + " -nodes -days 2 -subj /CN=localhost -keyout " +
        file(name + ".key") + " -out " + file(name + ".pem") + " 2>/dev/null";
    MATRICULA_ASSERT(std::system(command.c_str()) == 0);
  }
  std::string failure(const std::string& certificate, const std::string& key) const {
    const auto made =
        make_tls_context({.certificate_chain = file(certificate), .private_key = file(key)});
    return made ? "made" : made.error().message;
  }

 private:
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("matricula_files_" + std::to_string(::getpid()));
};

TEST_F(TlsFilesTest, WhatIsNoRegularFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
  const std::string wrong = "\"" + file("pipe") + "\" is not a regular file. Give a PEM file.";
  EXPECT_EQ(failure("pipe", "good.key"), "The TLS certificate " + wrong);
  EXPECT_EQ(failure("good.pem", "pipe"), "The TLS key " + wrong);
  EXPECT_EQ(failure("good.pem", "good.key"), "made");
}

TEST_F(TlsFilesTest, AWeakCertificateIsCalledSo) {
  const std::string by_another =
      "rsa:2048 -sha1 -CA " + file("good.pem") + " -CAkey " + file("good.key");
  for (const std::string& kind : {std::string("rsa:1024"), by_another}) {
    make_certificate("weak", kind);
    EXPECT_EQ(failure("weak.pem", "weak.key"),
              "The TLS certificate \"" + file("weak.pem") +
                  "\", or one that it was signed with, has a key or a signature that is too weak. "
                  "Use RSA with at least 2048 bits or an elliptic curve, and SHA-256.")
        << kind;
  }
}

}  // namespace
}  // namespace matricula::http
