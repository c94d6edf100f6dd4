#include "tables/table_reader.h"

#include <gtest/gtest.h>

#include "base/uuid.h"
#include "migrations/migrations.h"
#include "records/change_log.h"
#include "records/entity_writer.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"
#include "tables/testing.h"

namespace matricula::tables {
namespace {

using records::EntityId;
using storage::Bind;
using Values = std::vector<Bind>;

const UuidBytes kAda = read_uuid("01234567-89ab-cdef-0123-456789abcdef").value();
const UuidBytes kGrace = read_uuid("76543210-89ab-cdef-0123-456789abcdef").value();

// A store of either kind with two companies.
class TableReaderTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(GetParam(), directory_.file("store.db"));
    database_ = storage::open_database(url, {.migrations = migrations::all()}, clock_).value();
    const auto written = database_->write([this](storage::Session& session) -> Result<void> {
      records::ChangeLog changes(*database_, clock_);
      MATRICULA_CHECK(put_all(session, changes));
      return changes.finish(session);
    });
    ASSERT_TRUE(written.has_value()) << written.error().message;
  }

  Result<void> put(storage::Session& session, records::ChangeLog& changes, EntityId entity,
                   const std::vector<Values>& rows) {
    records::EntityWriter writer(records::entity(entity), database_->dialect(), changes);
    for (const Values& row : rows) {
      MATRICULA_CHECK(writer.put(session, row, 1'000'000, 0));
    }
    return writer.finish(session);
  }

  static Values progress(std::string_view company, const UuidBytes& user, std::string_view program,
                         std::string_view status) {
    return {Bind(company),
            Bind(storage::Bytes(user)),
            Bind(program),
            Bind("1.0"),
            Bind("COURSE"),
            Bind(status),
            Bind(std::int64_t{0}),
            Bind(),
            Bind(),
            Bind(),
            Bind(),
            Bind(1.5),
            Bind(0.0),
            Bind(std::int64_t{2}),
            Bind(std::int64_t{1}),
            Bind("ON_TRACK"),
            Bind(),
            Bind(std::int64_t{5})};
  }

  Result<void> put_all(storage::Session& session, records::ChangeLog& changes) {
    const Bind zero(std::int64_t{0});
    MATRICULA_CHECK(put(
        session, changes, EntityId::kCompanies,
        {{Bind("bolt"), Bind("bolt"), Bind("Bolt")}, {Bind("acme"), Bind("acme"), Bind("Acme")}}));
    MATRICULA_CHECK(put(session, changes, EntityId::kUsers,
                        {{Bind(storage::Bytes(kGrace)), Bind("g@x.com"), Bind("Grace"), Bind("H")},
                         {Bind(storage::Bytes(kAda)), Bind("a@x.com"), Bind("Ada"), Bind("L")}}));
    MATRICULA_CHECK(
        put(session, changes, EntityId::kPrograms,
            {{Bind("cd1"), zero, Bind("de"), Bind("COURSE"), Bind("Zeug"), Bind(""), Bind(""),
              Bind(""), Bind(""), Bind("P1D"), zero, Bind("[]"), Bind(), Bind(), Bind()}}));
    MATRICULA_CHECK(
        put(session, changes, EntityId::kAssessments,
            {{Bind("q1"), Bind("Quiz"), Bind("PRACTICE"), Bind(), zero, Bind(), zero}}));
    MATRICULA_CHECK(
        put(session, changes, EntityId::kLearningPlans,
            {{Bind("p1"), Bind("acme"), Bind("Plan"), Bind("k"), Bind("s"), Bind("[]"), Bind()}}));
    MATRICULA_CHECK(put(
        session, changes, EntityId::kProgramProgress,
        {progress("acme", kGrace, "cd1", "ENROLLED"), progress("acme", kAda, "gone", "GRADUATED"),
         progress("acme", kAda, "cd1", "ENROLLED"), progress("bolt", kAda, "cd1", "ENROLLED")}));
    MATRICULA_CHECK(put(session, changes, EntityId::kAssessmentProgress,
                        {{Bind("acme"), Bind("t2"), Bind(storage::Bytes(kAda)), Bind("q1"),
                          Bind("done"), Bind(), Bind(), Bind(), zero, zero},
                         {Bind("acme"), Bind("t1"), Bind(), Bind("q1"), Bind("done"), Bind(),
                          Bind(), Bind(), zero, zero}}));
    return put(session, changes, EntityId::kLearningPlanProgress,
               {{Bind("acme"), Bind("p1"), Bind(storage::Bytes(kAda)), Bind("ACTIVE"), zero, zero,
                 zero, Bind(), Bind(), Bind(), zero, zero}});
  }

  // The chosen columns of the rows, as NDJSON.
  std::string rows(const Table& table, std::string_view columns, const RowScope& scope) {
    const auto session = database_->open_reader().value();
    EXPECT_TRUE(session->begin_snapshot());
    const auto encoder = make_encoder(table, {.columns = select_columns(table, columns).value()});
    std::string out;
    {
      auto copy = std::make_unique<RowScope>(scope);
      TableReader reader = TableReader::open(*session, table, *copy).value();
      copy.reset();
      while (reader.next().value()) {
        encoder->append(reader.values(), out);
      }
    }
    session->end_snapshot();
    return out;
  }

  ManualClock clock_;
  storage::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(TableReaderTest, ReadsACompanysRowsInKeyOrder) {
  EXPECT_EQ(rows(Table(EntityId::kProgramProgress), "userId,programKey", {.company = "acme"}),
            R"({"userId":"01234567-89ab-cdef-0123-456789abcdef","programKey":"cd1"}
{"userId":"01234567-89ab-cdef-0123-456789abcdef","programKey":"gone"}
{"userId":"76543210-89ab-cdef-0123-456789abcdef","programKey":"cd1"}
)");
  EXPECT_EQ(rows(Table(EntityId::kUsers), "email", {.company = "bolt"}),
            "{\"email\":\"a@x.com\"}\n");
  EXPECT_EQ(rows(Table(EntityId::kLearningPlans), "id", {.company = "bolt"}), "");
  EXPECT_EQ(rows(Table(EntityId::kUsers), "email", {.company = "nobody"}), "");
}

TEST_P(TableReaderTest, WithoutACompanyReadsTheWholeStore) {
  EXPECT_EQ(rows(Table(EntityId::kCompanies), "id", {}), "{\"id\":\"acme\"}\n{\"id\":\"bolt\"}\n");
  EXPECT_EQ(rows(Table(EntityId::kProgramProgress), "companyId,programKey", {}),
            R"({"companyId":"acme","programKey":"cd1"}
{"companyId":"acme","programKey":"gone"}
{"companyId":"acme","programKey":"cd1"}
{"companyId":"bolt","programKey":"cd1"}
)");
}

TEST_P(TableReaderTest, FlatRowsShowWhatTheirNodesShow) {
  EXPECT_EQ(
      rows(Table(EntityId::kProgramProgress, true),
           "userEmail,userFirstName,userLastName,programTitle", {.company = "acme"}),
      R"({"userEmail":"a@x.com","userFirstName":"Ada","userLastName":"L","programTitle":"Zeug"}
{"userEmail":"a@x.com","userFirstName":"Ada","userLastName":"L","programTitle":null}
{"userEmail":"g@x.com","userFirstName":"Grace","userLastName":"H","programTitle":"Zeug"}
)");
  EXPECT_EQ(rows(Table(EntityId::kAssessmentProgress, true), "attemptId,userEmail,assessmentTitle",
                 {.company = "acme"}),
            R"({"attemptId":"t1","userEmail":null,"assessmentTitle":"Quiz"}
{"attemptId":"t2","userEmail":"a@x.com","assessmentTitle":"Quiz"}
)");
  EXPECT_EQ(rows(Table(EntityId::kLearningPlanProgress, true), "planId,userEmail,planTitle", {}),
            R"({"planId":"p1","userEmail":"a@x.com","planTitle":"Plan"}
)");
}

TEST_P(TableReaderTest, AFurtherConditionNarrowsTheRowsOfTheCompany) {
  const RowScope scope{
      .company = "acme",
      .condition = RowCondition{.text = "t.enrollment_status = ?2 OR t.program_key = ?3",
                                .binds = {Bind("GRADUATED"), Bind("none")}}};
  for (const bool is_flat : {false, true}) {
    EXPECT_EQ(rows(Table(EntityId::kProgramProgress, is_flat), "companyId,programKey", scope),
              "{\"companyId\":\"acme\",\"programKey\":\"gone\"}\n");
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, TableReaderTest, testing::Values("sqlite", "postgres"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace matricula::tables
