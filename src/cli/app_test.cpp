#include "cli/app.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/options.h"

namespace matricula::cli {
namespace {

struct Done {
  int status = 0;
  std::string out;
  std::string messages;
  bool operator==(const Done&) const = default;
};

std::ostream& operator<<(std::ostream& stream, const Done& done) {
  return stream << done.status << "\n" << done.out << "\n" << done.messages;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4'096> buffer;
  for (ssize_t size = 0; (size = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

// Runs the command line; what it prints must fit into pipes.
Done run_line(std::vector<const char*> arguments) {
  std::array<int, 2> out = {};
  std::array<int, 2> messages = {};
  EXPECT_EQ(::pipe(out.data()) + ::pipe(messages.data()), 0);
  Done done;
  {
    const SystemClock clock;
    Context context{.clock = clock, .out = Output(out[1]), .messages = Messages(messages[1])};
    arguments.insert(arguments.begin(), "matricula");
    done.status = run(context, static_cast<int>(arguments.size()), arguments.data());
  }
  ::close(out[1]);
  ::close(messages[1]);
  done.out = read_all(out[0]);
  done.messages = read_all(messages[0]);
  ::close(out[0]);
  ::close(messages[0]);
  return done;
}

// What a wrong command line says, less where its help is.
std::string said(std::vector<const char*> arguments) {
  const Done done = run_line(std::move(arguments));
  EXPECT_EQ(done.status, 2);
  EXPECT_EQ(done.out, "");
  // Where to read what is right is the same for all.
  const std::size_t end =
      std::min(done.messages.find("; `matricula"), done.messages.find(" `matricula"));
  return done.messages.substr(0, end);
}

void for_each_command(const CLI::App& app, const std::function<void(const CLI::App&)>& use) {
  use(app);
  for (const CLI::App* command : app.get_subcommands({})) {
    for_each_command(*command, use);
  }
}

TEST(App, EveryCommandAndOptionHasATextAndEveryCommandThatDoesSomethingAnExample) {
  const SystemClock clock;
  Context context{.clock = clock};
  const auto app = make_app(context);
  for_each_command(*app, [&](const CLI::App& command) {
    EXPECT_NE(command.get_description(), "") << command.get_name();
    for (const CLI::Option* option : command.get_options()) {
      EXPECT_NE(option->get_description(), "") << command.get_name() << option->get_name();
    }
    if (command.get_subcommands({}).empty()) {
      EXPECT_NE(context.texts[&command].example, "") << command.get_name();
    }
  });
}

TEST(App, EveryRepeatableOptionTakesSeveralValuesWithCommas) {
  const SystemClock clock;
  Context context{.clock = clock};
  const auto app = make_app(context);
  std::size_t count = 0;
  for_each_command(*app, [&](const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
      if (is_repeatable(*option) && !option->get_positional()) {
        EXPECT_EQ(option->get_delimiter(), ',') << command.get_name() << option->get_name();
        ++count;
      }
    }
  });
  EXPECT_GE(count, 12U);
  EXPECT_NE(run_line({"help", "export"})
                .out.find("only this table; repeatable, or several with "
                          "commas"),
            std::string::npos);
}

TEST(App, HelpNamesTheOptionsThatHold) {
  const Done done = run_line({"token", "list", "--help"});
  EXPECT_EQ(done, (Done{.status = 0,
                        .out = R"(Usage: matricula token list [OPTION]...

Lists the tokens, newest first.

Example:
  matricula token list --company acme --json

Options:
  -h, --help                  show this
  --company ID                of one company: its id or its slug

Shared options:
  --store STORE               where the data is: sqlite:FILE or postgresql://USER@HOST/DATABASE;
                              default sqlite:matricula.db
  --key-file FILE             pepper and signing key; by default the store's path with -keys, of
                              PostgreSQL a file below $STATE_DIRECTORY, $XDG_STATE_HOME or
                              ~/.local/state
  --json                      answer as JSON on standard output; a list is one array
  --ndjson                    the same, but of a list one object a line
  --config FILE               settings as TOML; by default matricula.toml in the working directory
                              when it is there
)",
                        .messages = ""}));
  EXPECT_EQ(run_line({"help", "token", "list"}), done);
  // What is on by default is shown with the way to switch it off.
  EXPECT_NE(run_line({"help", "serve"}).out.find("--playground, --no-playground"),
            std::string::npos);
}

TEST(App, WrongUsageIsOneLineThatEndsWithWhereToReadMore) {
  EXPECT_EQ(run_line({"serve", "--threads", "x"}).messages,
            "matricula: --threads: x is not a decimal number from 0 to 1024; `matricula serve "
            "--help` shows what is right.\n");
  EXPECT_EQ(run_line({"tokn"}).messages,
            "matricula: matricula has no command tokn. Did you mean \"token\"? `matricula --help` "
            "lists the commands.\n");
}

TEST(App, HelpOfAnUnknownCommandNamesTheNearest) {
  EXPECT_EQ(said({"help", "tokn"}),
            "matricula: matricula has no command tokn. Did you mean \"token\"?");
}

TEST(App, WrongCommandsAndOptionsAreNamedWithTheNearest) {
  EXPECT_EQ(said({"exprot", "out"}),
            "matricula: matricula has no command exprot. Did you mean \"export\" or \"import\"?");
  EXPECT_EQ(said({"token", "lsit"}),
            "matricula: matricula token has no command lsit. Did you mean \"list\"?");
  EXPECT_EQ(said({"token", "create", "--compnay", "acme"}),
            "matricula: matricula token create has no option --compnay. Did you mean "
            "\"--company\"?");
  EXPECT_EQ(said({"serve", "--lisen=127.0.0.1:0"}),
            "matricula: matricula serve has no option --lisen. Did you mean \"--listen\", "
            "\"--aliases\", or \"--json\"?");
  EXPECT_EQ(said({"check", "there"}),
            "matricula: matricula check does not expect there after the others.");
}

TEST(App, WrongUsageIsSaidInWordsOfOurOwn) {
  EXPECT_EQ(said({"generate", "--out", "a", "--out", "b"}),
            "matricula: --out has 2 values; give it one");
  EXPECT_EQ(said({"serve", "--demo=maybe"}), "matricula: --demo: maybe is neither true nor false");
  EXPECT_EQ(said({"serve", "--config", "/nope"}), "matricula: /nope cannot be read");
  EXPECT_EQ(said({"token"}), "matricula: a command is required");
  EXPECT_EQ(said({"generate", "--out"}), "matricula: --out needs a value");
}

TEST(App, NumbersAreDecimalAndTheirBoundsAreNamed) {
  for (const char* wrong : {"0x10", "1e3", "+5", "-1", "1.0", " 1", "many", "0", "1000001",
                            "99999999999999999999999999"}) {
    EXPECT_EQ(said({"serve", "--connections", wrong}).substr(0, 25), "matricula: --connections:")
        << wrong;
  }
  EXPECT_EQ(said({"serve", "--threads", "1025"}),
            "matricula: --threads: 1025 is not a decimal number from 0 to 1024");
  EXPECT_EQ(said({"token", "create", "--company", "acme", "--expires-in", "3155760001"}),
            "matricula: --expires-in: 3155760001 is not a decimal number from 1 to 3155760000");
  EXPECT_EQ(parse_decimal("0100"), 100U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), 18'446'744'073'709'551'615U);
  EXPECT_EQ(parse_decimal("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_decimal(""), std::nullopt);
}

TEST(App, AStoreOfNoKnownKindIsRefusedWithoutItsSecrets) {
  const std::string forms = "Use sqlite:FILE or postgresql://USER@HOST/DATABASE.";
  EXPECT_EQ(said({"check", "--store", "mysql://root:secret@db/x"}),
            "matricula: --store: mysql: is not the address of a store. " + forms);
  EXPECT_EQ(said({"check", "--store", "matricula.db"}),
            "matricula: --store: matricula.db is not the address of a store. " + forms);
  EXPECT_EQ(said({"check", "--store", "host=db password=secret"}),
            "matricula: --store: This is not the address of a store. " + forms);
  EXPECT_EQ(said({"check", "--store", ""}),
            "matricula: --store: This is not the address of a store. " + forms);
  EXPECT_EQ(said({"copy", "--from", "sqlite:a.db", "--to", "oracle:secret"}),
            "matricula: --to: oracle: is not the address of a store. " + forms);
}

TEST(App, APasswordIsInNoMessage) {
  for (const char* store :
       {"postgresql://ada:se/cret@db/x", "postgresql://ada:12/cret@db/x",
        "postgresql://ada:se@cret@db/x", "postgresql://ada:se%zzcret@db/x",
        "postgresql://db/x?pasword=secret", "postgresql:///?dbname=password%3Dsecret",
        "postgres//ada:secret@db/x", "password=secret", "postgresql:host=db password=secret"}) {
    const Done done = run_line({"check", "--store", store});
    EXPECT_EQ(done.status, 2) << store;
    EXPECT_EQ(done.messages.find("cret"), std::string::npos) << done.messages;
  }
  for (const std::vector<const char*>& line :
       std::vector<std::vector<const char*>>{{"check", "postgresql://ada:secret@db/x"},
                                             {"import", "postgresql://ada:secret@db/x"},
                                             {"backup", "host=db password=secret"},
                                             {"check", "--stroe", "postgresql://ada:secret@db/x"},
                                             {"check", "--stroe=postgresql://ada:secret@db/x"},
                                             {"schema", "postgresql://ada:secret@db/x"},
                                             {"postgresql://ada:secret@db/x"},
                                             {"token", "postgresql://ada:secret@db/x"}}) {
    EXPECT_EQ(said(line).find("secret"), std::string::npos) << line.front();
  }
}

TEST(App, EmptyValuesAreRefusedWhereTheyMeanNothing) {
  for (const std::vector<const char*>& line :
       std::vector<std::vector<const char*>>{{"export", "--company", "", "out"},
                                             {"export", "--company=", "out"},
                                             {"export", ""},
                                             {"import", ""},
                                             {"user", "list", "--key-file", ""},
                                             {"token", "create", "--company", ""},
                                             {"serve", "--tls-cert", ""},
                                             {"serve", "--threads", ""}}) {
    EXPECT_NE(said(line), "") << line.front();
  }
}

TEST(App, ATextThatMayBeEmptyMayBeEmptyBehindTheEqualsSignToo) {
  const std::vector<const char*> words = {"token", "create", "--company", "c", "--description", ""};
  EXPECT_EQ(run_line({"token", "create", "--company", "c", "--description="}), run_line(words));
  EXPECT_NE(said({"token", "create", "--company=", "--description="}), "");
}

TEST(App, TheVersionIsACommandToo) {
  const Done version = run_line({"version"});
  EXPECT_EQ(version, run_line({"--version"}));
  EXPECT_EQ(version.out.substr(0, 10), "matricula ");
  EXPECT_EQ(run_line({"version", "--json"}).out.substr(0, 12), "{\"version\":\"");
}

}  // namespace
}  // namespace matricula::cli
