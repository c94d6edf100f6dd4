#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

#include "exchange/random_lines.h"
#include "exchange/testing.h"
#include "records/change_reader.h"
#include "records/change_upkeep.h"
#include "records/company_rows.h"
#include "records/row_state.h"
#include "records/row_values.h"
#include "tables/json_row.h"

// The sequence of changes of a company, seen by a follower.
namespace matricula::exchange {
namespace {

using records::ChangeReader;
using records::Entity;
using records::EntityId;
using storage::Bind;
using storage::Session;

std::vector<EntityId> all_tables() {
  std::vector<EntityId> all;
  for (const Entity& each : records::entities()) {
    all.push_back(each.id);
  }
  return all;
}

std::string key_of(const Entity& entity, std::span<const Bind> values) {
  std::string key(entity.name);
  for (const std::string& part : records::key_texts(entity, values)) {
    key += "|" + part;
  }
  return key;
}

// A company's rows by key, as canonical lines.
using Copy = std::map<std::string, std::string>;

class ChangesTest : public testing::Test {
 protected:
  void SetUp() override { store_.write_sample(); }

  void import_sample() { ASSERT_EQ(store_.import({store_.in("")})->rejected(), 0u); }
  std::string take(const std::string& name, const std::string& text, bool skip_invalid = false) {
    return store_.import_text(name + ".ndjson", text, skip_invalid);
  }
  std::unique_ptr<Session> reader() { return store_.database().open_reader().value(); }
  records::SequenceState state(std::string_view company) {
    return records::read_sequence(*reader(), company).value().value_or(records::SequenceState{});
  }

  // "SEQUENCE TABLE KEY" of each change since `after`, deletes with a minus, a line each.
  std::string changes(std::string_view company, std::int64_t after, bool with_deletes = true) {
    const auto session = reader();
    ChangeReader changes(*session,
                         {.company = company,
                          .tables = all_tables(),
                          .after = after,
                          .deletes_after = with_deletes ? std::optional(after) : std::nullopt});
    std::string out;
    while (changes.next().value()) {
      const records::Change& change = changes.change();
      out += fmt::format("{} {}{}\n", change.sequence, change.is_deletion ? "-" : "",
                         key_of(*change.entity, change.values));
    }
    return out;
  }

  // Applies what has changed since `after` to a copy; the last number.
  std::int64_t follow(std::string_view company, std::int64_t after, Copy& copy) {
    const auto session = reader();
    ChangeReader changes(*session,
                         {.company = company,
                          .tables = all_tables(),
                          .after = after,
                          .deletes_after = after > 0 ? std::optional(after) : std::nullopt});
    std::int64_t last = after;
    while (changes.next().value()) {
      const records::Change& change = changes.change();
      EXPECT_GT(change.sequence, last);
      last = change.sequence;
      EXPECT_GT(change.changed_at, 0);
      const std::string key = key_of(*change.entity, change.values);
      copy.erase(key);
      if (!change.is_deletion) {
        tables::append_record(copy[key], *change.entity, change.values);
      }
    }
    return last;
  }

  Copy rows(std::string_view company) {
    const auto session = reader();
    Copy copy;
    for (const Entity& entity : records::entities()) {
      const storage::Statement select(records::select_rows_sql(entity, true));
      const Bind binds[] = {company};
      const auto found = session->query(select, binds).value();
      std::array<Bind, records::kFieldsMax> values;
      while (found->next().value()) {
        found->read(records::value_types(entity), values);
        tables::append_record(copy[key_of(entity, values)], entity, values);
      }
    }
    return copy;
  }

  ExchangeStore store_;
};

TEST_F(ChangesTest, TheSampleGivesEachRowANumber) {
  import_sample();
  EXPECT_EQ(changes("acme", 0),
            "1 companies|acme||\n2 contracts|a1||\n"
            "3 contract_programs|a1|cd1|\n4 programs|cd1|de|\n5 programs|cd1|en-us|\n"
            "6 contract_assessments|a1|q1|\n7 assessments|q1||\n8 learning_plans|p1||\n"
            "9 program_progress|acme|01234567-89ab-cdef-0123-456789abcdef|cd1\n"
            "10 users|01234567-89ab-cdef-0123-456789abcdef||\n"
            "11 assessment_progress|t1||\n12 assessment_progress|t2||\n"
            "13 users|76543210-89ab-cdef-0123-456789abcdef||\n"
            "14 learning_plan_progress|p1|01234567-89ab-cdef-0123-456789abcdef|\n");
  EXPECT_EQ(state("acme").last, 14);
  EXPECT_EQ(state("bolt").last, 5);
  EXPECT_EQ(state("nobody").last, 0);
}

TEST_F(ChangesTest, AWriteThatChangesNothingHasNoNumber) {
  import_sample();
  import_sample();
  EXPECT_EQ(state("acme").last, 14);
  // Deleted and put back, changed and changed back, within one file.
  const std::string line = sample_files().at("assessment_progress");
  const std::string first = line.substr(0, line.find('\n') + 1);
  EXPECT_EQ(take("assessment_progress", "{\"_delete\":true,\"attemptId\":\"t1\"}\n" + first),
            "+1 =0 -1");
  std::string other = first;
  other.replace(other.find("in_progress"), 11, "completed");
  EXPECT_EQ(take("assessment_progress", other + first), "+2 =0 -0");
  std::string fresh = first;
  fresh.replace(fresh.find("t1"), 2, "t9");
  EXPECT_EQ(take("assessment_progress", fresh + "{\"_delete\":true,\"attemptId\":\"t9\"}\n"),
            "+1 =0 -1");
  EXPECT_EQ(changes("acme", 14), "");
  EXPECT_EQ(state("acme").last, 14);
}

TEST_F(ChangesTest, ARowThatAFileWritesTwiceHasOneNumber) {
  import_sample();
  const std::string plan =
      R"({"id":"p9","companyId":"acme","title":"A","key":"","slug":"","steps":[]})";
  std::string renamed = plan;
  renamed.replace(renamed.find("\"A\""), 3, "\"B\"");
  EXPECT_EQ(take("learning_plans", plan + "\n" + renamed + "\n"), "+2 =0 -0");
  EXPECT_EQ(changes("acme", 14), "15 learning_plans|p9||\n");
}

TEST_F(ChangesTest, ARowThatAFileWritesTwiceLeavesNoGapInTheNumbers) {
  import_sample();
  const std::string line = sample_files().at("assessment_progress");
  const std::string first = line.substr(0, line.find('\n') + 1);
  const auto changed = [&first](std::string_view id, std::string_view status) {
    std::string text = first;
    text.replace(text.find("t1"), 2, id);
    text.replace(text.find("in_progress"), 11, status);
    return text;
  };
  // Two rows that are written twice, one that is gone again, and new ones between and behind them.
  EXPECT_EQ(take("assessment_progress",
                 changed("t1", "a") + changed("t5", "a") + changed("t1", "b") + changed("t6", "a") +
                     "{\"_delete\":true,\"attemptId\":\"t6\"}\n" + changed("t5", "b") +
                     changed("t7", "a") + changed("t8", "a")),
            "+7 =0 -1");
  EXPECT_EQ(changes("acme", 14),
            "15 assessment_progress|t7||\n16 assessment_progress|t1||\n"
            "17 assessment_progress|t8||\n18 assessment_progress|t5||\n");
  EXPECT_EQ(state("acme").last, 18);
}

TEST_F(ChangesTest, WhatACompanyStopsCoveringIsDeletedFromItsTables) {
  import_sample();
  EXPECT_EQ(take("assessment_progress", R"({"_delete":true,"attemptId":"t2"})"), "+0 =0 -1");
  EXPECT_EQ(changes("acme", 14),
            "15 -assessment_progress|t2||\n16 -users|76543210-89ab-cdef-0123-456789abcdef||\n");
  EXPECT_EQ(
      take("contract_assessments", R"({"_delete":true,"contractId":"a1","assessmentId":"q1"})"),
      "+0 =0 -1");
  // Another attempt still names it.
  EXPECT_EQ(changes("acme", 16), "17 -contract_assessments|a1|q1|\n");
  EXPECT_EQ(take("assessment_progress", R"({"_delete":true,"attemptId":"t1"})"), "+0 =0 -1");
  EXPECT_EQ(changes("acme", 17), "18 -assessment_progress|t1||\n19 -assessments|q1||\n");
  // Without deletes, for a reader that begins.
  EXPECT_EQ(changes("acme", 15, false), "");
}

TEST_F(ChangesTest, ARowThatComesBackLeavesNoTombstone) {
  import_sample();
  EXPECT_EQ(take("assessment_progress", R"({"_delete":true,"attemptId":"t2"})"), "+0 =0 -1");
  EXPECT_EQ(take("assessment_progress", sample_files().at("assessment_progress")), "+1 =1 -0");
  EXPECT_EQ(changes("acme", 14),
            "17 assessment_progress|t2||\n18 users|76543210-89ab-cdef-0123-456789abcdef||\n");
}

TEST_F(ChangesTest, AnAttemptThatMovesIsDeletedWhereItWas) {
  import_sample();
  std::string text = sample_files().at("assessment_progress");
  text = text.substr(0, text.find('\n') + 1);
  text.replace(text.find("acme"), 4, "bolt");
  EXPECT_EQ(take("assessment_progress", text), "+1 =0 -0");
  EXPECT_EQ(changes("acme", 14), "15 -assessment_progress|t1||\n");
  EXPECT_EQ(changes("bolt", 5), "6 assessment_progress|t1||\n7 assessments|q1||\n");
}

TEST_F(ChangesTest, AContractTakesWhatItCoversAlong) {
  import_sample();
  EXPECT_EQ(take("contracts", R"({"id":"c1","companyId":"acme","name":"n"})"), "+1 =0 -0");
  EXPECT_EQ(take("contract_assessments", R"({"contractId":"c1","assessmentId":"q2"})"), "+1 =0 -0");
  EXPECT_EQ(changes("acme", 14),
            "15 contracts|c1||\n16 contract_assessments|c1|q2|\n17 assessments|q2||\n");
  EXPECT_EQ(take("contracts", R"({"id":"c1","companyId":"bolt","name":"n"})"), "+1 =0 -0");
  EXPECT_EQ(changes("acme", 17),
            "18 -contracts|c1||\n19 -contract_assessments|c1|q2|\n20 -assessments|q2||\n");
  EXPECT_EQ(changes("bolt", 5),
            "6 contracts|c1||\n7 contract_assessments|c1|q2|\n8 assessments|q2||\n");
}

TEST_F(ChangesTest, ANewNameChangesTheUserAndTheRowsThatShowIt) {
  import_sample();
  std::string text = sample_files().at("users");
  text.replace(text.find("Lovelace"), 8, "King");
  EXPECT_EQ(take("users", text), "+1 =1 -0");
  EXPECT_EQ(changes("acme", 14),
            "15 users|01234567-89ab-cdef-0123-456789abcdef||\n"
            "16 program_progress|acme|01234567-89ab-cdef-0123-456789abcdef|cd1\n");
  EXPECT_EQ(changes("bolt", 5),
            "6 users|01234567-89ab-cdef-0123-456789abcdef||\n"
            "7 program_progress|bolt|01234567-89ab-cdef-0123-456789abcdef|gone\n");
}

TEST_F(ChangesTest, PlansNameProgramsAndAssessments) {
  import_sample();
  const std::string plan =
      R"({"id":"p2","companyId":"bolt","title":"Other","key":"other","slug":"other","steps":[{"stepId":"s","stepType":"ASSESSMENT","label":"","isRequired":true,"resourceKey":"q2"}]})";
  EXPECT_EQ(take("learning_plans", plan), "+1 =0 -0");
  EXPECT_EQ(changes("bolt", 5), "6 learning_plans|p2||\n7 assessments|q2||\n");
  EXPECT_EQ(take("learning_plans", R"({"_delete":true,"id":"p2"})"), "+0 =0 -1");
  EXPECT_EQ(changes("bolt", 7), "8 -learning_plans|p2||\n9 -assessments|q2||\n");
}

TEST_F(ChangesTest, ACompanyThatIsMadeAgainHasAnotherEpoch) {
  const std::string line = R"({"id":"c","slug":"c","name":"n"})";
  EXPECT_EQ(take("companies", line), "+1 =0 -0");
  const records::SequenceState before = state("c");
  EXPECT_EQ(take("companies", R"({"_delete":true,"id":"c"})"), "+0 =0 -1");
  EXPECT_FALSE(records::read_sequence(*reader(), "c").value().has_value());
  EXPECT_EQ(take("companies", line), "+1 =0 -0");
  EXPECT_EQ(state("c").last, 1);
  EXPECT_NE(state("c").epoch, before.epoch);
}

TEST_F(ChangesTest, SweptTombstonesAreNamedAsForgotten) {
  import_sample();
  EXPECT_EQ(take("assessment_progress", R"({"_delete":true,"attemptId":"t2"})"), "+0 =0 -1");
  EXPECT_EQ(state("acme").oldest, 0);
  const Timestamp before = store_.clock().now() + 1;
  ASSERT_TRUE(records::sweep_tombstones(store_.database(), {before - 1, {store_.clock()}}));
  EXPECT_EQ(state("acme").oldest, 0);
  ASSERT_TRUE(records::sweep_tombstones(store_.database(), {before, {store_.clock()}}));
  EXPECT_EQ(state("acme").oldest, 16);
  EXPECT_EQ(state("bolt").oldest, 0);
  EXPECT_EQ(records::read_table_sequence(*reader(), "acme", EntityId::kUsers).value(), 16);
  EXPECT_EQ(records::read_table_sequence(*reader(), "acme", EntityId::kContracts).value(), 2);
}

TEST_F(ChangesTest, AClockThatIsBehindMakesNoOldTombstones) {
  import_sample();
  const Timestamp imported = store_.clock().now();
  store_.clock().set_calendar(imported - 100 * kMicrosPerDay);
  EXPECT_EQ(take("assessment_progress", R"({"_delete":true,"attemptId":"t2"})"), "+0 =0 -1");
  ASSERT_TRUE(records::sweep_tombstones(store_.database(), {imported, {store_.clock()}}));
  EXPECT_EQ(state("acme").oldest, 0);
  EXPECT_EQ(changes("acme", 14),
            "15 -assessment_progress|t2||\n16 -users|76543210-89ab-cdef-0123-456789abcdef||\n");
}

// A follower of each company ends at the rows of the store after any writes, and a follower that
// comes seldom too.
TEST_F(ChangesTest, AFollowerEndsAtTheStateOfTheStore) {
  import_sample();
  RandomLines lines;
  const std::array<std::string, 2> companies = {"acme", "bolt"};
  std::array<Copy, 2> often;
  std::array<Copy, 2> seldom;
  std::array<std::int64_t, 2> often_at = {};
  std::array<std::int64_t, 2> seldom_at = {};
  for (int round = 0; round < 400; ++round) {
    const Entity& entity = records::entities()[1 + static_cast<std::size_t>(lines.pick(10))];
    std::string text;
    for (int i = 1 + lines.pick(6); i > 0; --i) {
      text += lines.line(std::string(entity.name)) + "\n";
    }
    store_.clock().advance(std::chrono::seconds(1));
    take(std::string(entity.name), text, lines.pick(4) != 0);
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int64_t last = state(companies[i]).last;
      const std::string changed = changes(companies[i], often_at[i]);
      EXPECT_EQ(std::ranges::count(changed, '\n'), last - often_at[i]) << changed << text;
      often_at[i] = follow(companies[i], often_at[i], often[i]);
      EXPECT_EQ(often_at[i], last);
      ASSERT_EQ(often[i], rows(companies[i])) << entity.name << " " << round << "\n" << text;
      if (round % 50 == 49) {
        seldom_at[i] = follow(companies[i], seldom_at[i], seldom[i]);
        ASSERT_EQ(seldom[i], often[i]);
      }
    }
  }
}

}  // namespace
}  // namespace matricula::exchange
