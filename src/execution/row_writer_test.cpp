#include "execution/row_writer.h"

#include <gtest/gtest.h>

#include "execution/test_plans.h"
#include "execution/test_rows.h"

namespace matricula::execution {
namespace {

const std::string kId(16, '\x11');
constexpr std::string_view kIdText = "11111111-1111-1111-1111-111111111111";

// The plan of a document about pupils, and the shape of its edges.
class RowWriterTest : public testing::Test {
 protected:
  // What is written of one row, whose cells are those of the columns that the plan reads; the
  // error's internal message in its place.
  std::string written(std::string_view selection, const Cells& cells,
                      std::string_view variables = "{}") {
    const std::string head =
        selection.find("$with") == std::string_view::npos ? "" : "query ($with: Boolean = true) ";
    const BoundPlan plan =
        bound_school(head + "{ pupils { edges {" + std::string(selection) + "} } }", variables);
    const Shape& shape = *plan.only_connection()->plan->entries.front().edge;
    EXPECT_EQ(plan.only_connection()->plan->columns.size(), cells.size());
    TestRows rows({cells});
    const storage::RowsHandle row = rows.handle();
    EXPECT_TRUE(row->next().value());
    std::string out;
    const auto done = writer_.object(shape, *row, plan.flags(), "\"c\"", out);
    return done ? out : done.error().internal;
  }

  using Shape = planning::Shape;
  RowWriter writer_;
};

TEST_F(RowWriterTest, WritesFieldsInTheirOrderUnderTheirKeys) {
  EXPECT_EQ(written("cursor node { n: name id __typename }", {"Ada", kId}),
            R"({"cursor":"c","node":{"n":"Ada","id":")" + std::string(kIdText) +
                R"(","__typename":"Pupil"}})");
}

TEST_F(RowWriterTest, WritesWhatJsonHasToEscape) {
  EXPECT_EQ(written("node { name }", {"a\"b\\c\n"}), R"({"node":{"name":"a\"b\\c\n"}})");
}

TEST_F(RowWriterTest, WritesTimesAndNulls) {
  EXPECT_EQ(written("node { born }", {std::int64_t{1'500'000}}),
            R"({"node":{"born":"1970-01-01T00:00:01.5Z"}})");
  EXPECT_EQ(written("node { born }", {Cell()}), R"({"node":{"born":null}})");
}

TEST_F(RowWriterTest, ANullInANonNullFieldIsAnError) {
  EXPECT_EQ(written("node { name }", {Cell()}), "null in the non-null field name");
}

TEST_F(RowWriterTest, ProjectsJsonTextThroughTheSelection) {
  const Cells guardians{R"([{"phone":"1","name":"Bo","more":[1]},{"name":"Cy","phone":null}])"};
  EXPECT_EQ(written("node { guardians { name p: phone } }", guardians),
            R"({"node":{"guardians":[{"name":"Bo","p":"1"},{"name":"Cy","p":null}]}})");
  EXPECT_EQ(written("node { guardians { phone } }", {R"([{"name":"Bo"}])"}),
            R"({"node":{"guardians":[{"phone":null}]}})");
  EXPECT_EQ(written("node { guardians { name } }", {R"([{"phone":"1"}])"}),
            "null in the non-null field name");
}

TEST_F(RowWriterTest, StoredJsonThatIsNotOfItsTypeIsAnError) {
  EXPECT_EQ(written("node { guardians { name } }", {"{}"}),
            "stored JSON is not what it should be: a list was expected");
  EXPECT_EQ(written("node { guardians { name } }", {"[1]"}),
            "stored JSON is not what it should be: an object was expected");
  EXPECT_NE(written("node { guardians { name } }", {"[}"}).find("stored JSON is not"),
            std::string::npos);
}

TEST_F(RowWriterTest, LeavesOutWhatIsSkipped) {
  constexpr std::string_view kSelection =
      "cursor @skip(if: $with) node { name guardians { name @include(if: $with) phone } }";
  const Cells cells{"Ada", R"([{"name":"Bo","phone":"1"}])"};
  EXPECT_EQ(written(kSelection, cells),
            R"({"node":{"name":"Ada","guardians":[{"name":"Bo","phone":"1"}]}})");
  EXPECT_EQ(written(kSelection, cells, R"({"with":false})"),
            R"({"cursor":"c","node":{"name":"Ada","guardians":[{"phone":"1"}]}})");
}

TEST_F(RowWriterTest, AProgramHasTheLiteralsAndTheColumnsOfTheShape) {
  const BoundPlan plan = bound_school("{ pupils { edges { cursor node { name born } } } }");
  const Shape& shape = *plan.only_connection()->plan->entries.front().edge;
  storage::RowProgram program;
  ASSERT_TRUE(RowWriter::compile(shape, plan.flags(), program));
  EXPECT_EQ(program.literals.substr(0, program.literals_size),
            R"({"cursor":,"node":{"name":,"born":}})");
  ASSERT_EQ(program.steps.size(), 3U);
  EXPECT_EQ(program.steps[0].value, storage::RowProgram::Value::kCursor);
  EXPECT_EQ(program.steps[1].column, 0U);
  EXPECT_TRUE(program.steps[1].is_non_null);
  EXPECT_EQ(program.steps[2].value, storage::RowProgram::Value::kTime);
  EXPECT_FALSE(program.steps[2].is_non_null);
}

TEST_F(RowWriterTest, JsonTextIsNoValueOfAProgram) {
  const BoundPlan plan = bound_school("{ pupils { edges { node { guardians { name } } } } }");
  storage::RowProgram program;
  EXPECT_FALSE(RowWriter::compile(*plan.only_connection()->plan->entries.front().edge, plan.flags(),
                                  program));
}

}  // namespace
}  // namespace matricula::execution
