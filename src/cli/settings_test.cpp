#include "cli/settings.h"

#include <array>
#include <cstdlib>
#include <gtest/gtest.h>

namespace matricula::cli {
namespace {

// A variable of the environment that is gone with this.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

constexpr std::array<const char*, 6> kArguments = {"matricula",       "export", "--format=csv",
                                                   "--no-access-log", "--",     "--flat"};

TEST(Settings, TheSourceOfAnOptionIsTheStrongestThatNamesIt) {
  const Variable variable("MATRICULA_FORMAT", "csv");
  const Variable other("MATRICULA_KEY_FILE", "k");
  const Variable empty("MATRICULA_TABLE", "");
  const Given given{.arguments = kArguments,
                    .file = "m.toml",
                    .settings = {"format", "key-file", "company", "table"}};
  EXPECT_EQ(source_of(given, "format"), Source::kArgument);
  EXPECT_EQ(source_of(given, "access-log"), Source::kArgument);
  EXPECT_EQ(source_of(given, "key-file"), Source::kVariable);
  EXPECT_EQ(source_of(given, "company"), Source::kFile);
  EXPECT_EQ(source_of(given, "table"), Source::kFile);
  EXPECT_EQ(source_of(given, "listen"), Source::kNone);
  EXPECT_EQ(source_of(given, "flat"), Source::kNone) << "a name behind -- is no option";
  EXPECT_EQ(source_of(given, "form"), Source::kNone);
}

TEST(Settings, MessagesNameOptionsAsTheyWereGiven) {
  const Variable variable("MATRICULA_LISTEN", "foo");
  const Given given{.arguments = kArguments, .file = "m.toml", .settings = {"tls-cert"}};
  EXPECT_EQ(named_as_given(given, "--listen foo: no"), "MATRICULA_LISTEN foo: no");
  EXPECT_EQ(named_as_given(given, "--tls-cert and --tls-key belong together"),
            "m.toml: tls-cert and --tls-key belong together");
  EXPECT_EQ(named_as_given(given, "--format csv; try `serve --listen :0`, a--listen"),
            "--format csv; try `serve --listen :0`, a--listen");
  EXPECT_EQ(named_as_given(given, "--"), "--");
}

TEST(Settings, OfTwoThatExcludeEachOtherTheStrongerStays) {
  const Variable variable("MATRICULA_CREDENTIAL", "c");
  const Given given{.arguments = kArguments, .file = "m.toml", .settings = {"company", "id"}};
  std::string format = "csv";
  std::string credential = "c";
  std::string company = "a";
  std::string id = "i";
  const auto keep = [&given](std::string_view one, std::string& first, std::string_view two,
                             std::string& second) {
    return keep_stronger<std::string, std::string>(given, {one, first}, {two, second});
  };
  EXPECT_FALSE(keep("company", company, "id", id));
  EXPECT_EQ(company + id, "ai");
  EXPECT_TRUE(keep("company", company, "credential", credential));
  EXPECT_EQ(company + credential, "c");
  EXPECT_TRUE(keep("company", company, "id", id)) << "one of them is not given";
  EXPECT_EQ(id, "i");
  EXPECT_TRUE(keep("format", format, "credential", credential));
  EXPECT_EQ(format + credential, "csv");
}

}  // namespace
}  // namespace matricula::cli
