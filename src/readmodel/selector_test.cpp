// Pages, counts and bounds of snapshots against those of plain lists.
#include "readmodel/selector.h"

#include <gtest/gtest.h>

#include "readmodel/comparison.h"

namespace matricula::readmodel {
namespace {

using storage::Condition;

TEST(Selector, RequestsAreAnsweredAsFromAPlainList) {
  for (const std::size_t people : {3U, 40U, 1'500U}) {
    SCOPED_TRACE(people);
    Comparison comparison(static_cast<std::uint32_t>(people));
    comparison.begin(people);
    comparison.compare_orders();
    comparison.compare(people > 1'000 ? 300 : 1'000);
  }
}

// Those of the lists that have no search.
TEST(Selector, ListsOfEachKindAreAnsweredAsPlainOnes) {
  for (const sql::Relation* relation : {&attempts_relation(), &learners_relation()}) {
    for (const std::size_t people : {3U, 40U, 900U}) {
      SCOPED_TRACE(std::string(relation->name) + " of " + std::to_string(people));
      Comparison comparison(static_cast<std::uint32_t>(people), {}, *relation);
      comparison.begin(people);
      comparison.compare_orders();
      comparison.compare(people > 500 ? 200 : 500);
    }
  }
}

TEST(Selector, EachWayOfSearchingGivesTheSame) {
  for (const SelectorLimits limits : {SelectorLimits{.few_rows = 0, .found_people_max = 5},
                                      SelectorLimits{.few_rows = 0, .found_people_max = 10'000}}) {
    Comparison comparison(23, limits);
    comparison.begin(300);
    comparison.compare(400);
    SnapshotEditor editor(*comparison.snapshot());
    Writes writes(comparison, editor);
    writes.put_some(100);
    writes.rename_some(10);
    comparison.set(editor.finish());
    comparison.compare(400);
  }
}

// As of more people than one segment of the index has.
TEST(Selector, ASearchGoesThroughAllSegmentsEitherWay) {
  Comparison comparison(31);
  comparison.begin(400);
  auto snapshot = std::make_shared<Snapshot>(*comparison.snapshot());
  const std::uint16_t slot = snapshot->layout->sources[snapshot->layout->search_text].slot;
  snapshot->search = std::make_shared<const PeopleIndex>(snapshot->people, slot, 2);
  ASSERT_GT(snapshot->search->segments(), 3U);
  comparison.set(snapshot);
  comparison.compare(800);
}

TEST(Selector, AnEmptyListHasNoRows) {
  const Layout layout = *Layout::of(test_relation());
  const auto snapshot = built(PlainList(), layout);
  Selector selector;
  std::vector<std::uint32_t> rows;
  const std::vector<Condition> conditions{{.filter = 2, .search = "ada"}};
  for (const std::span<const Condition> each :
       {std::span<const Condition>(), std::span<const Condition>(conditions)}) {
    const storage::ListScope scope{
        .relation = &test_relation(), .company = "c", .conditions = each};
    selector.begin(*snapshot, scope);
    selector.page({.scope = scope, .columns = {}, .limit = 10}, rows);
    EXPECT_TRUE(rows.empty());
    EXPECT_EQ(selector.count(), 0);
  }
}

void compare_after_writes(const sql::Relation& relation, std::size_t people) {
  SCOPED_TRACE(std::string(relation.name) + " of " + std::to_string(people));
  Comparison comparison(static_cast<std::uint32_t>(people) + 1, {}, relation);
  comparison.begin(people);
  for (int round = 0; round < 12 && !testing::Test::HasFatalFailure(); ++round) {
    SnapshotEditor editor(*comparison.snapshot());
    Writes writes(comparison, editor);
    writes.remove_some(comparison.maker().pick(8));
    writes.put_some(comparison.maker().pick(people));
    if (round % 3 == 0) {
      writes.rename_some(1 + comparison.maker().pick(6));
    }
    if (round % 4 == 0) {
      writes.retitle();
    }
    comparison.set(editor.finish());
    comparison.compare_orders();
    comparison.compare(40);
  }
}

TEST(SnapshotEditor, WhatChangedIsAnsweredAsIfLoadedAnew) {
  for (const sql::Relation* relation :
       {&test_relation(), &attempts_relation(), &learners_relation()}) {
    for (const std::size_t people : {4U, 60U, 250U}) {
      compare_after_writes(*relation, people);
    }
  }
}

TEST(SnapshotEditor, TheSnapshotBeforeStaysAsItWas) {
  Comparison comparison(5);
  comparison.begin(400);
  const auto before = comparison.snapshot();
  Comparison unchanged(5);
  unchanged.begin(400);
  for (int round = 0; round < 5; ++round) {
    SnapshotEditor editor(*comparison.snapshot());
    Writes writes(comparison, editor);
    writes.remove_some(20);
    writes.put_some(60);
    writes.rename_some(10);
    comparison.set(editor.finish());
  }
  unchanged.set(before);
  unchanged.compare_orders();
  unchanged.compare(200);
}

}  // namespace
}  // namespace matricula::readmodel
