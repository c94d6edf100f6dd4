#include "tables/row_encoder.h"

#include <gtest/gtest.h>

#include "base/uuid.h"
#include "tables/change_line.h"
#include "tables/json_row.h"
#include "tables/testing.h"

namespace matricula::tables {
namespace {

using records::EntityId;
using storage::Bind;
using Rows = std::vector<std::vector<Bind>>;

const UuidBytes kAda = read_uuid("01234567-89AB-cdef-0123-456789abcdef").value();

Rows assessments() {
  return {{Bind("q1"), Bind("A \"b\", c"), Bind("PASS_FAIL"), Bind(0.1), Bind(std::int64_t{1}),
           Bind("PT30M"), Bind(std::int64_t{2'147'483'647})},
          {Bind("=q2"), Bind(""), Bind("PRACTICE"), Bind(), Bind(std::int64_t{0}), Bind(),
           Bind(std::int64_t{0})}};
}

Rows attempts() {
  return {{Bind("acme"), Bind("t1"), Bind(storage::Bytes(kAda)), Bind("q1"), Bind("in_progress"),
           Bind(), Bind(), Bind(), Bind(std::int64_t{-1}), Bind(std::int64_t{1'500'000})}};
}

std::string ndjson(EntityId entity, const Rows& rows, std::string_view columns = "") {
  const Table table(entity);
  EncoderOptions options;
  if (!columns.empty()) {
    options.columns = select_columns(table, columns).value();
  }
  return file_of(table, options, rows);
}

std::string csv(EntityId entity, const Rows& rows, std::string_view columns = "",
                bool for_excel = false) {
  const Table table(entity);
  EncoderOptions options{.format = Format::kCsv, .for_excel = for_excel};
  if (!columns.empty()) {
    options.columns = select_columns(table, columns).value();
  }
  return file_of(table, options, rows);
}

TEST(Ndjson, LeavesNullsOutAndWritesEachTypeInItsShortestForm) {
  EXPECT_EQ(
      ndjson(EntityId::kAssessments, assessments()),
      R"({"id":"q1","title":"A \"b\", c","category":"PASS_FAIL","passingScore":0.1,"isTimed":true,"timeLimit":"PT30M","totalQuestionsInAssessment":2147483647}
{"id":"=q2","title":"","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":0}
)");
  EXPECT_EQ(
      ndjson(EntityId::kAssessmentProgress, attempts()),
      R"({"companyId":"acme","attemptId":"t1","userId":"01234567-89ab-cdef-0123-456789abcdef","assessmentId":"q1","assessmentStatus":"in_progress","createdAt":"1969-12-31T23:59:59.999999Z","updatedAt":"1970-01-01T00:00:01.5Z"}
)");
}

TEST(Ndjson, ChosenColumnsComeInTheirOrderWithNulls) {
  EXPECT_EQ(ndjson(EntityId::kAssessments, assessments(), "passingScore,id"),
            "{\"passingScore\":0.1,\"id\":\"q1\"}\n{\"passingScore\":null,\"id\":\"=q2\"}\n");
}

TEST(Ndjson, AnEmptyTableIsAnEmptyFile) {
  EXPECT_EQ(ndjson(EntityId::kAssessments, {}), "");
}

TEST(Ndjson, IsWhatAppendRecordWrites) {
  std::string lines;
  for (const std::vector<Bind>& row : assessments()) {
    append_record(lines, records::entity(EntityId::kAssessments), row);
  }
  EXPECT_EQ(ndjson(EntityId::kAssessments, assessments()), lines);
}

TEST(Csv, HasAHeaderLineAndTellsNullFromEmptyText) {
  EXPECT_EQ(csv(EntityId::kAssessments, assessments()),
            "id,title,category,passingScore,isTimed,timeLimit,totalQuestionsInAssessment\r\n"
            "q1,\"A \"\"b\"\", c\",PASS_FAIL,0.1,true,PT30M,2147483647\r\n"
            "=q2,\"\",PRACTICE,,false,,0\r\n");
  EXPECT_EQ(csv(EntityId::kAssessmentProgress, attempts(), "userId,createdAt"),
            "userId,createdAt\r\n01234567-89ab-cdef-0123-456789abcdef,1969-12-31T23:59:59.999999Z"
            "\r\n");
}

TEST(Csv, AnEmptyTableIsItsHeader) {
  EXPECT_EQ(csv(EntityId::kContractAssessments, {}), "contractId,assessmentId\r\n");
}

TEST(Csv, ListsAreJsonText) {
  const Rows rows = {{Bind("p1"), Bind("acme"), Bind("T"), Bind("k"), Bind("s"),
                      Bind(R"([{"stepId":"a,b"}])"), Bind()}};
  EXPECT_EQ(csv(EntityId::kLearningPlans, rows, "steps"),
            "steps\r\n\"[{\"\"stepId\"\":\"\"a,b\"\"}]\"\r\n");
}

// A reader of RFC 4180 files: the cells of each line, and whether each stood in quotes.
struct ReadCell {
  std::string text;
  bool is_quoted = false;
};
std::vector<std::vector<ReadCell>> read_csv(std::string_view file) {
  std::vector<std::vector<ReadCell>> lines(1, std::vector<ReadCell>(1));
  for (std::size_t i = 0; i < file.size(); ++i) {
    ReadCell& cell = lines.back().back();
    if (file[i] == '"') {
      cell.is_quoted = true;
      for (++i; file[i] != '"' || file.substr(i + 1, 1) == "\""; ++i) {
        i += file[i] == '"' ? 1 : 0;
        cell.text += file[i];
      }
    } else if (file[i] == ',') {
      lines.back().emplace_back();
    } else if (file.substr(i, 2) == "\r\n") {
      ++i;
      lines.emplace_back(1);
    } else {
      cell.text += file[i];
    }
  }
  lines.pop_back();
  return lines;
}

Rows nasty_companies() {
  Rows rows;
  for (const std::string_view text : kNastyTexts) {
    rows.push_back({Bind(text), Bind("x"), Bind(text)});
  }
  return rows;
}

TEST(Csv, NastyTextsComeBackAsTheyWere) {
  const auto lines = read_csv(csv(EntityId::kCompanies, nasty_companies()));
  ASSERT_EQ(lines.size(), 1 + std::size(kNastyTexts));
  for (std::size_t i = 0; i < std::size(kNastyTexts); ++i) {
    ASSERT_EQ(lines[i + 1].size(), 3u);
    EXPECT_EQ(lines[i + 1][0].text, kNastyTexts[i]);
    EXPECT_EQ(lines[i + 1][1].text, "x");
    EXPECT_EQ(lines[i + 1][2].text, kNastyTexts[i]);
    EXPECT_TRUE(lines[i + 1][2].is_quoted || !kNastyTexts[i].empty());
  }
}

TEST(Csv, ForExcelBeginsWithAMarkAndHasNoFormulas) {
  const std::string file = csv(EntityId::kCompanies, nasty_companies(), "", true);
  ASSERT_TRUE(file.starts_with("\xEF\xBB\xBFid,slug,name\r\n"));
  const auto lines = read_csv(file);
  for (std::size_t i = 0; i < std::size(kNastyTexts); ++i) {
    const std::string text(kNastyTexts[i]);
    const bool is_formula =
        !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
    EXPECT_EQ(lines[i + 1][0].text, (is_formula ? "'" : "") + text);
  }
}

TEST(Csv, ForExcelLeavesNumbersAlone) {
  const Rows rows = {{Bind("a"), Bind("a"), Bind("PRACTICE"), Bind(-1.5), Bind(std::int64_t{0}),
                      Bind(), Bind(std::int64_t{-1})}};
  EXPECT_EQ(
      csv(EntityId::kAssessments, rows, "passingScore,totalQuestionsInAssessment,category", true),
      "\xEF\xBB\xBFpassingScore,totalQuestionsInAssessment,category\r\n-1.5,-1,PRACTICE\r\n");
}

TEST(Parquet, SaysWhichStateItShows) {
  const std::string file = file_of(Table(EntityId::kAssessments),
                                   {.format = Format::kParquet,
                                    .codec = parquet::Codec::kNone,
                                    .origin = Origin{.company = "acme", .sequence = 812}},
                                   assessments());
  EXPECT_TRUE(file.starts_with("PAR1") && file.ends_with("PAR1"));
  EXPECT_NE(file.find("matricula.company"), std::string::npos);
  EXPECT_NE(file.find("matricula.sequence"), std::string::npos);
  EXPECT_NE(file.find("812"), std::string::npos);
}

TEST(Parquet, TheSameRowsGiveTheSameBytes) {
  for (const parquet::Codec codec :
       {parquet::Codec::kNone, parquet::Codec::kGzip, parquet::Codec::kZstd}) {
    const EncoderOptions options{.format = Format::kParquet, .codec = codec};
    EXPECT_EQ(file_of(Table(EntityId::kCompanies), options, nasty_companies()),
              file_of(Table(EntityId::kCompanies), options, nasty_companies()));
  }
}

TEST(ChangeLine, IsTheRowWithItsTableNumberAndTime) {
  const Rows rows = assessments();
  std::string out;
  append_change(out, {.entity = &records::entity(EntityId::kAssessments),
                      .sequence = 7,
                      .changed_at = 1'500'000,
                      .values = rows[1]});
  EXPECT_EQ(
      out,
      R"({"_table":"assessments","_sequence":7,"_changedAt":"1970-01-01T00:00:01.5Z",)"
      R"("id":"=q2","title":"","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":0})"
      "\n");
}

TEST(ChangeLine, OfADeletedRowIsItsKey) {
  std::vector<Bind> values(10);
  values[1] = "t1";
  std::string out;
  append_change(out, {.entity = &records::entity(EntityId::kAssessmentProgress),
                      .sequence = 8,
                      .changed_at = 0,
                      .is_deletion = true,
                      .values = values});
  EXPECT_EQ(out,
            R"({"_table":"assessment_progress","_sequence":8,"_changedAt":"1970-01-01T00:00:00Z",)"
            R"("attemptId":"t1","_delete":true})"
            "\n");
}

}  // namespace
}  // namespace matricula::tables
