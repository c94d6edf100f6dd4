#include "exchange/import.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/import_totals.h"
#include "exchange/limits.h"
#include "exchange/testing.h"

namespace matricula::exchange {
namespace {

// The sample, imported.
class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    const auto report = store_.import({store_.in("")});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->rejected(), 0u) << report->files.back().reasons.front();
  }

  std::string take(const std::string& name, std::string_view text, bool skip_invalid = false) {
    return store_.import_text(name + ".ndjson", text, skip_invalid);
  }
  std::string select(std::string sql) { return store_.select(std::move(sql)); }
  void change(std::string sql) {
    const storage::Statement statement(std::move(sql));
    ASSERT_TRUE(store_.database().write([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(statement, {}));
      return {};
    }));
  }
  // The first sample line of an entity, with a part replaced.
  static std::string line(const std::string& name, const std::string& from = "",
                          const std::string& to = "") {
    std::string text = sample_files().at(name);
    text.resize(text.find('\n') + 1);
    return text.replace(from.empty() ? 0 : text.find(from), from.size(), to);
  }

  ExchangeStore store_;
};

TEST_F(ImportTest, ReadsADirectoryInTheOrderOfTheEntities) {
  ExchangeStore store;
  store.write_sample();
  const auto report = store.import({store.in("")});
  ASSERT_TRUE(report.has_value());
  std::string order;
  for (const FileReport& file : report->files) {
    order +=
        fmt::format("{} {} {}\n", store.without_directory(file.path), file.records, file.changed);
  }
  EXPECT_EQ(order,
            "companies.ndjson 2 2\ncontracts.ndjson 2 2\nusers.ndjson 2 2\nprograms.ndjson 2 2\n"
            "contract_programs.ndjson 1 1\nassessments.ndjson 2 2\n"
            "contract_assessments.ndjson 1 1\nlearning_plans.ndjson 2 2\n"
            "program_progress.ndjson 2 2\nassessment_progress.ndjson 2 2\n"
            "learning_plan_progress.ndjson 1 1\n");
}

TEST_F(ImportTest, FilesGivenOneByOneTakeTheSameOrder) {
  ExchangeStore store;
  store.write_sample();
  const auto report = store.import(
      {store.in("users.ndjson"), store.in("contracts.ndjson"), store.in("companies.ndjson")});
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->rejected(), 0u);
  EXPECT_EQ(report->files.front().path, store.in("companies.ndjson"));
}

TEST_F(ImportTest, TheSameRecordsChangeNothing) {
  for (const auto& [name, text] : sample_files()) {
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(take(name, text), fmt::format("+0 ={} -0", lines)) << name;
  }
}

TEST_F(ImportTest, ARecordReplacesTheOneWithItsKey) {
  EXPECT_EQ(take("companies", R"({"id":"acme","slug":"acme","name":"New"})"), "+1 =0 -0");
  EXPECT_EQ(select("SELECT name FROM companies ORDER BY id"), "New,Bolt \"Inc\"");
  EXPECT_EQ(take("contracts", R"({"id":"a1","companyId":"acme","name":"First"})"), "+1 =0 -0");
  EXPECT_EQ(select("SELECT starts_at FROM contracts WHERE id = 'a1'"), "null");
}

TEST_F(ImportTest, BlankLinesArePassedOverAndCounted) {
  EXPECT_EQ(take("companies", "\n \r\n{\"id\":7}\n"),
            "companies.ndjson:3: id: expected text, "
            "found 7");
}

TEST_F(ImportTest, UpdatedAtDefaultsToTheTimeOfARealChange) {
  const std::string without = line("program_progress", R"(,"updatedAt":"2025-06-02T08:00:00Z")");
  const std::string updated = "SELECT updated_at FROM program_progress WHERE company_id = 'acme'";
  const std::string before = select(updated);
  EXPECT_EQ(take("program_progress", without), "+0 =1 -0");
  EXPECT_EQ(select(updated), before);
  std::string changed = without;
  changed.replace(changed.find("1.5"), 3, "2.5");
  store_.clock().set_calendar(1'800'000'000'000'000);
  EXPECT_EQ(take("program_progress", changed), "+1 =0 -0");
  EXPECT_EQ(select(updated), "1800000000000000");
  store_.clock().set_calendar(1'900'000'000'000'000);
  EXPECT_EQ(take("program_progress", changed), "+0 =1 -0");
  EXPECT_EQ(select(updated), "1800000000000000");
  EXPECT_EQ(take("program_progress", line("program_progress", "1.5", "2.5")), "+1 =0 -0");
  EXPECT_EQ(select(updated), before);
}

TEST_F(ImportTest, NothingOfAFileWithABadLineIsKept) {
  EXPECT_EQ(take("companies", R"({"id":"c1","slug":"c1","name":"n"}
{"id":"c2","slug":"c2"}
{"id":"c3","slug":"c3","name":"n"}
{"id":"c4","slug":"c4","name":4}
)"),
            "companies.ndjson:2: name is missing\n"
            "companies.ndjson:4: name: expected text, found 4");
  EXPECT_EQ(select("SELECT id FROM companies ORDER BY id"), "acme,bolt");
}

TEST_F(ImportTest, SkippingKeepsWhatIsValid) {
  EXPECT_EQ(take("companies", "{\"id\":\"c1\",\"slug\":\"c1\",\"name\":\"n\"}\nx\n", true),
            "companies.ndjson:2: is not valid JSON\n+1 =0 -0");
  EXPECT_EQ(select("SELECT id FROM companies ORDER BY id"), "acme,bolt,c1");
}

TEST_F(ImportTest, WhatCameBeforeABadFileStaysAndWhatComesAfterIsNotBegun) {
  ExchangeStore store;
  store.write_sample();
  write_file(store.in("contracts.ndjson"), "x\n");
  const auto report = store.import({store.in("")});
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->is_complete());
  EXPECT_EQ(report->files.size(), 2u);
  EXPECT_EQ(report->not_begun.size(), 9u);
  EXPECT_EQ(store.select("SELECT id FROM companies ORDER BY id"), "acme,bolt");
  EXPECT_EQ(store.select("SELECT id FROM users"), "");
  const auto skipping = store.import({store.in("")}, true);
  ASSERT_TRUE(skipping.has_value());
  EXPECT_TRUE(skipping->is_complete());
  EXPECT_EQ(store.select("SELECT email_key FROM users ORDER BY 1"),
            "ada@example.com,grace@example.com");
}

TEST_F(ImportTest, ManyBadLinesAreCountedAndTheFirstNamed) {
  std::string text;
  for (std::size_t i = 0; i < kReasonsMax + 1; ++i) {
    text += "x\n";
  }
  write_file(store_.in("users.ndjson"), text);
  const auto report = store_.import({store_.in("users.ndjson")});
  EXPECT_EQ(report->rejected(), kReasonsMax + 1);
  EXPECT_EQ(report->files.front().reasons.size(), kReasonsMax);
}

TEST_F(ImportTest, ALineBeyondTheLimitIsRejectedAlone) {
  const std::string text = std::string(kLineBytesMax + 1, ' ') + "\n" + line("companies");
  EXPECT_EQ(take("companies", text, true), "companies.ndjson:1: is longer than 4 MiB\n+0 =1 -0");
}

TEST_F(ImportTest, ReferencesMustExist) {
  EXPECT_EQ(take("contracts", R"({"id":"x","companyId":"nobody","name":"n"})"),
            "contracts.ndjson:1: companyId: there is no company \"nobody\"");
  EXPECT_EQ(take("contract_programs", R"({"contractId":"a1","programKey":"k","launchUrl":""})"),
            "contract_programs.ndjson:1: programKey: there is no program \"k\"");
  EXPECT_EQ(take("contract_assessments", R"({"contractId":"c","assessmentId":"q1"})"),
            "contract_assessments.ndjson:1: contractId: there is no contract \"c\"");
  EXPECT_EQ(take("program_progress", line("program_progress", "01234567-", "11234567-")),
            "program_progress.ndjson:1: userId: there is no user "
            "11234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(take("assessment_progress", line("assessment_progress", "\"q1\"", "\"q9\"")),
            "assessment_progress.ndjson:1: assessmentId: there is no assessment \"q9\"");
  EXPECT_EQ(take("learning_plan_progress", line("learning_plan_progress", "\"p1\"", "\"p9\"")),
            "learning_plan_progress.ndjson:1: planId: there is no learning plan \"p9\"");
}

TEST_F(ImportTest, IdentifiersWithBlanksAtTheirEndsAreRefused) {
  EXPECT_EQ(take("companies", R"({"id":"c2","slug":"c2 ","name":"n"})"),
            "companies.ndjson:1: slug: expected text without blanks at its ends, found \"c2 \": "
            "remove them");
  EXPECT_EQ(take("contracts", R"({"id":"x","companyId":"acme ","name":"n"})"),
            "contracts.ndjson:1: companyId: there is no company \"acme \"; remove the blanks at "
            "its ends");
}

TEST_F(ImportTest, RecordsWhoseIdentifiersOlderVersionsTookAreReferredToAndDeleted) {
  change("INSERT INTO companies(id, slug, name) VALUES (' old', ' old', 'n')");
  EXPECT_EQ(take("contracts", R"({"id":"x","companyId":" old","name":"n"})"), "+1 =0 -0");
  EXPECT_EQ(take("contracts", R"({"_delete":true,"id":"x"})"), "+0 =0 -1");
  EXPECT_EQ(take("companies", R"({"_delete":true,"id":" old"})"), "+0 =0 -1");
}

TEST_F(ImportTest, ReferencesStayWithinTheCompany) {
  EXPECT_EQ(take("learning_plan_progress", line("learning_plan_progress", "\"p1\"", "\"p2\"")),
            "learning_plan_progress.ndjson:1: planId: the learning plan \"p2\" is of the company "
            "\"bolt\", not of \"acme\"");
  EXPECT_EQ(take("learning_plans",
                 line("learning_plans", "\"contractId\":\"a1\"", "\"contractId\":\"b1\"")),
            "learning_plans.ndjson:1: contractId: the contract \"b1\" is of the company \"bolt\", "
            "not of \"acme\"");
  EXPECT_EQ(take("learning_plans",
                 R"({"id":"p1","companyId":"bolt","title":"","key":"","slug":"","steps":[]})"),
            "learning_plans.ndjson:1: companyId: the learning plan \"p1\" is of the company "
            "\"acme\", and program progress records refer to it");
  EXPECT_EQ(take("contracts", R"({"id":"a1","companyId":"bolt","name":""})"),
            "contracts.ndjson:1: companyId: the contract \"a1\" is of the company \"acme\", and "
            "learning plans refer to it");
  EXPECT_EQ(take("contracts", R"({"id":"b1","companyId":"acme","name":""})"), "+1 =0 -0");
}

TEST_F(ImportTest, SlugsAndAddressesBelongToOne) {
  EXPECT_EQ(take("companies", R"({"id":"c","slug":"acme","name":"n"})"),
            "companies.ndjson:1: slug: \"acme\" already belongs to the company \"acme\"");
  EXPECT_EQ(take("users", line("users", "01234567-", "11234567-")),
            "users.ndjson:1: email: \"Ada@Example.com\" already belongs to another user");
  EXPECT_EQ(take("users", line("users", "Ada@Example.com", "GRACE@example.com")),
            "users.ndjson:1: email: \"GRACE@example.com\" already belongs to another user");
}

TEST_F(ImportTest, ProgressSortsByTitleOrElseByKey) {
  const std::string keys = "SELECT title_key FROM program_progress ORDER BY company_id";
  EXPECT_EQ(select(keys), "stuff,gone");
  EXPECT_EQ(take("programs", R"({"_delete":true,"key":"cd1","locale":"en-us"})"), "+0 =0 -1");
  EXPECT_EQ(select(keys), "zeug,gone");
  std::string renamed = line("programs");
  renamed.replace(renamed.find("\"cd1\""), 5, "\"gone\"");
  EXPECT_EQ(take("programs", renamed), "+1 =0 -0");
  EXPECT_EQ(select(keys), "zeug,zeug");
  EXPECT_EQ(select("SELECT title FROM program_titles ORDER BY key"), "Zeug,Zeug");
}

TEST_F(ImportTest, ProgressFollowsAChangedAddress) {
  EXPECT_EQ(take("users", line("users", "Ada@Example.com", "Countess@Example.com")), "+1 =0 -0");
  EXPECT_EQ(select("SELECT DISTINCT email_key FROM program_progress"), "countess@example.com");
  EXPECT_EQ(take("program_progress", sample_files()["program_progress"]), "+0 =2 -0");
}

TEST_F(ImportTest, ARecordThatOthersReferToIsNotDeleted) {
  EXPECT_EQ(take("companies", R"({"_delete":true,"id":"acme"})"),
            "companies.ndjson:1: the company \"acme\" cannot be deleted: contracts refer to it");
  EXPECT_EQ(take("contracts", R"({"_delete":true,"id":"a1"})"),
            "contracts.ndjson:1: the contract \"a1\" cannot be deleted: contract programs refer to "
            "it");
  EXPECT_EQ(take("users", fmt::format(R"({{"_delete":true,"id":"{}"}})", kGrace)),
            "users.ndjson:1: the user 76543210-89ab-cdef-0123-456789abcdef cannot be deleted: "
            "assessment progress records refer to it");
  EXPECT_EQ(take("assessments", R"({"_delete":true,"id":"q1"})"),
            "assessments.ndjson:1: the assessment \"q1\" cannot be deleted: contract assessments "
            "refer to it");
  EXPECT_EQ(take("learning_plans", R"({"_delete":true,"id":"p1"})"),
            "learning_plans.ndjson:1: the learning plan \"p1\" cannot be deleted: program progress "
            "records refer to it");
  EXPECT_EQ(take("programs", R"({"_delete":true,"key":"cd1","locale":"de"}
{"_delete":true,"key":"cd1","locale":"en-us"})"),
            "programs.ndjson:2: the program \"cd1\" cannot be deleted: contract programs refer to "
            "it");
}

TEST_F(ImportTest, WhatLetsSomebodyInKeepsItsCompanyAndPersonFromBeingDeleted) {
  EXPECT_EQ(take("companies", R"({"id":"new","slug":"new","name":"New"})"), "+1 =0 -0");
  EXPECT_EQ(take("users", R"({"id":"11111111-1111-1111-1111-111111111111",)"
                          R"("email":"lin@example.com","firstName":"Lin","lastName":"L"})"),
            "+1 =0 -0");
  const std::string company = R"({"_delete":true,"id":"new"})";
  const std::string person = R"({"_delete":true,"id":"11111111-1111-1111-1111-111111111111"})";

  change("INSERT INTO user_roles VALUES(x'01', 'admin', 'new')");
  EXPECT_EQ(take("companies", company),
            "companies.ndjson:1: the company \"new\" cannot be deleted: admins (`matricula user "
            "set-roles` ends that) refer to it");
  change("DELETE FROM user_roles");
  change(
      "INSERT INTO client_credentials(id, client_id, description, created_by, created_at, "
      "updated_at) VALUES(x'02', 'udcl_2', '', x'01', 0, 0)");
  change("INSERT INTO credential_companies(credential_id, company_id) VALUES(x'02', 'new')");
  EXPECT_EQ(take("companies", company),
            "companies.ndjson:1: the company \"new\" cannot be deleted: client credentials "
            "(`matricula credential revoke` ends them) refer to it");
  change("UPDATE client_credentials SET revoked_at = 1");
  change("INSERT INTO user_passwords VALUES(x'11111111111111111111111111111111', '', 0)");
  EXPECT_EQ(take("users", person),
            "users.ndjson:1: the user 11111111-1111-1111-1111-111111111111 cannot be deleted: "
            "passwords (`matricula user remove` ends them) refer to it");
  change("DELETE FROM user_passwords");
  EXPECT_EQ(take("companies", company), "+0 =0 -1");
  EXPECT_EQ(take("users", person), "+0 =0 -1");
}

TEST_F(ImportTest, EverythingCanBeDeletedFromTheLeavesUp) {
  const auto gone = [this](const std::string& name, const std::string& keys) {
    EXPECT_EQ(take(name, "{\"_delete\":true," + keys + "}\n"), "+0 =0 -1") << name;
    EXPECT_EQ(take(name, "{\"_delete\":true," + keys + "}\n"), "+0 =1 -0") << name;
  };
  const std::string user = fmt::format(R"("userId":"{}")", kAda);
  gone("learning_plan_progress", R"("planId":"p1",)" + user);
  gone("assessment_progress", R"("attemptId":"t1")");
  gone("assessment_progress", R"("attemptId":"t2")");
  gone("program_progress", R"("companyId":"acme","programKey":"cd1",)" + user);
  gone("program_progress", R"("companyId":"bolt","programKey":"gone",)" + user);
  gone("learning_plans", R"("id":"p1")");
  gone("contract_assessments", R"("contractId":"a1","assessmentId":"q1")");
  gone("contract_programs", R"("contractId":"a1","programKey":"cd1")");
  gone("assessments", R"("id":"q1")");
  gone("programs", R"("key":"cd1","locale":"de")");
  gone("programs", R"("key":"cd1","locale":"en-us")");
  gone("users", fmt::format(R"("id":"{}")", kAda));
  gone("contracts", R"("id":"a1")");
  gone("companies", R"("id":"acme")");
  EXPECT_EQ(select("SELECT key FROM program_titles"), "");
}

TEST_F(ImportTest, AnAttemptMayMoveToAnotherCompany) {
  EXPECT_EQ(take("assessment_progress", line("assessment_progress", "\"acme\"", "\"bolt\"")),
            "+1 =0 -0");
  EXPECT_EQ(select("SELECT company_id FROM assessment_progress ORDER BY attempt_id"), "bolt,acme");
}

TEST_F(ImportTest, NamesThatBelongToNoEntityAreRefusedBeforeAnythingIsBegun) {
  const std::string known =
      " Known names: companies.ndjson, contracts.ndjson, users.ndjson, programs.ndjson, "
      "contract_programs.ndjson, assessments.ndjson, contract_assessments.ndjson, "
      "learning_plans.ndjson, program_progress.ndjson, assessment_progress.ndjson, "
      "learning_plan_progress.ndjson; each may end in .gz or .zst as well.";
  EXPECT_EQ(take("user", ""), "error: user.ndjson is not the name of an import file." + known);
  EXPECT_EQ(store_.import_text("users.csv", ""),
            "error: users.csv is not the name of an import file." + known);
  storage::TempDirectory empty;
  write_file(empty.file("notes.txt"), "");
  EXPECT_EQ(store_.import({empty.path()}).error().message,
            "The directory " + empty.path() + " holds no import file." + known);
  EXPECT_EQ(store_.import({"/nowhere"}).error().message,
            "/nowhere cannot be read: No such file or directory.");
  write_file(empty.file("users.ndjson"), "");
  write_file(empty.file("users.ndjson.gz"), "");
  EXPECT_EQ(store_.import({empty.path()}).error().message,
            empty.file("users.ndjson") + " and " + empty.file("users.ndjson.gz") +
                " hold the same kind of record. Keep one of them in the directory.");
}

// Their rows would be missing without a word.
TEST_F(ImportTest, FilesOfADirectoryWithAnotherEndingAreRefused) {
  for (const std::string name : {"users.jsonl", "users.NDJSON", "Users.csv", "users.ndjson.bz2"}) {
    storage::TempDirectory directory;
    write_file(directory.file("companies.ndjson"), "");
    write_file(directory.file("notes.txt"), "");
    write_file(directory.file("._users.jsonl"), "");
    EXPECT_TRUE(store_.import({directory.path()}));
    write_file(directory.file(name), "");
    const auto refused = store_.import({directory.path()});
    ASSERT_FALSE(refused) << name;
    EXPECT_TRUE(refused.error().message.starts_with(directory.file(name) +
                                                    " is not the name of an import file."));
    // Another form of a file that is there.
    write_file(directory.file("users.ndjson"), "");
    EXPECT_TRUE(store_.import({directory.path()})) << name;
  }
}

TEST_F(ImportTest, ADamagedFileIsAnErrorAndNothingOfItIsKept) {
  EXPECT_EQ(store_.import_text("companies.ndjson.gz", "no gzip", true),
            "error: companies.ndjson.gz is not gzip data or is damaged.");
}

TEST_F(ImportTest, TheStoreKeepsWhatImportsDid) {
  take("companies", "{\"id\":\"c1\",\"slug\":\"c1\",\"name\":\"n\"}\nx\n", true);
  take("companies", "x\n");  // nothing is kept of it, and it does not count
  take("companies", R"({"_delete":true,"id":"c1"})");
  const auto session = store_.database().open_reader();
  const auto totals = read_import_totals(**session);
  ASSERT_TRUE(totals.has_value());
  ASSERT_EQ(totals->size(), records::kEntityCount);
  const auto companies = std::find_if(totals->begin(), totals->end(), [](const ImportTotals& each) {
    return each.entity == "companies";
  });
  EXPECT_EQ(companies->files, 3);
  EXPECT_EQ(companies->changed, 3);
  EXPECT_EQ(companies->unchanged, 0);
  EXPECT_EQ(companies->deleted, 1);
  EXPECT_EQ(companies->rejected, 1);
  EXPECT_EQ(companies->finished_at, store_.clock().now());
}

TEST_F(ImportTest, TellsItsProgress) {
  std::string text;
  for (std::size_t i = 0; i < kLinesPerProgress + 1; ++i) {
    text += fmt::format("{{\"id\":\"c{0}\",\"slug\":\"c{0}\",\"name\":\"n\"}}\n", i);
  }
  write_file(store_.in("companies.ndjson"), text);
  std::string told;
  const std::vector<std::string> paths = {store_.in("companies.ndjson")};
  const ImportOptions options = {.on_progress = [&told](const ImportProgress& progress) {
    told += fmt::format("{} {} {}\n", progress.records, progress.stored, progress.is_done);
  }};
  ASSERT_TRUE(import_paths(store_.database(), paths, options, store_.clock()).has_value());
  EXPECT_EQ(told, "2000 0 false\n2001 2000 false\n2001 2001 true\n");
}

}  // namespace
}  // namespace matricula::exchange
