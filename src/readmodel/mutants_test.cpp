// Each structure of a snapshot, wrong in one place on purpose: comparison with plain lists tells.
#include <functional>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "readmodel/comparison.h"

namespace matricula::readmodel {
namespace {

constexpr std::size_t kPeople = 120;
constexpr int kRequestsPerLook = 50;
constexpr int kLooks = 60;

// Makes one place of a snapshot wrong; `pick` gives a number below its bound.
using Pick = std::function<std::size_t(std::size_t)>;
using Mutation = std::function<void(Snapshot&, const Pick&)>;

struct Mutant {
  const char* name;
  const sql::Relation& relation;
  Mutation make;
};

std::uint32_t some_row(const Snapshot& snapshot, const Pick& pick) {
  return static_cast<std::uint32_t>(pick(snapshot.rows.size()));
}

// One that requests read: the texts of filters that rows are counted by are read by their codes.
const Source& some_source(const Snapshot& snapshot, Place place, const Pick& pick) {
  const Layout& layout = *snapshot.layout;
  std::vector<const Source*> found;
  for (std::uint16_t i = 0; std::size_t{i} < layout.sources.size(); ++i) {
    const bool is_read = std::ranges::find(layout.columns, i) != layout.columns.end() ||
                         std::ranges::none_of(layout.joint, [&](std::uint16_t filter) {
                           return layout.filters[filter] == i;
                         });
    if (layout.sources[i].place == place && is_read) {
      found.push_back(&layout.sources[i]);
    }
  }
  return *found[pick(found.size())];
}

// One that requests read: the key may be there for writes alone.
std::size_t some_index(const Snapshot& snapshot, const Pick& pick) {
  const Layout& layout = *snapshot.layout;
  for (;;) {
    const std::size_t index = pick(layout.indexes.size());
    if (index != layout.key_index ||
        std::ranges::find(layout.filters, layout.leading(index)) != layout.filters.end()) {
      return index;
    }
  }
}

// A number of a row with another lowest bit, of one whose value is not null.
void flip_number(Snapshot& snapshot, const Pick& pick) {
  const Source& source = some_source(snapshot, Place::kNumber, pick);
  std::uint32_t row = some_row(snapshot, pick);
  while (is_null(*snapshot.layout, snapshot.rows.row(row), source)) {
    row = some_row(snapshot, pick);
  }
  std::byte* const at = snapshot.rows.edit(row) + std::size_t{8} * source.slot;
  *at ^= std::byte{1};
}

// The code of another text, or of none.
void change_code(Snapshot& snapshot, const Pick& pick) {
  const Source& source = some_source(snapshot, Place::kText, pick);
  std::byte* const row = snapshot.rows.edit(some_row(snapshot, pick));
  const std::size_t at = snapshot.layout->text_offset(source.slot);
  const std::uint32_t codes =
      static_cast<std::uint32_t>(snapshot.dictionaries[source.slot]->size());
  store(row + at, (load<std::uint32_t>(row + at) + 1) % codes);
}

void change_person(Snapshot& snapshot, const Pick& pick) {
  const std::uint32_t row = some_row(snapshot, pick);
  const std::uint32_t person = person_of(*snapshot.layout, snapshot.rows.row(row));
  store(snapshot.rows.edit(row) + snapshot.layout->person_offset(),
        (person + 1) % snapshot.people.size());
}

void change_row_code(Snapshot& snapshot, const Pick& pick) {
  const std::uint32_t row = some_row(snapshot, pick);
  snapshot.rows.set_code(
      row, static_cast<std::uint8_t>((snapshot.rows.code(row) + 1U) % snapshot.codes.size()));
}

void change_code_table(Snapshot& snapshot, const Pick& pick) {
  std::uint32_t& text = snapshot.codes[pick(snapshot.codes.size())].front();
  text = text == 1 ? 2 : 1;
}

void change_histogram(Snapshot& snapshot, const Pick& pick) {
  ++snapshot.rows_of_code[pick(snapshot.codes.size())];
}

// Of an order: what other indexes find is sorted.
void swap_neighbours(Snapshot& snapshot, const Pick& pick) {
  Ordering& order = snapshot.indexes[pick(snapshot.layout->relation->orders.size())];
  const auto place = static_cast<std::uint32_t>(pick(order.size() - 1));
  const std::uint32_t row = order[place];
  order.erase(place);
  order.insert(place + 1, row);
}

void leave_row_out(Snapshot& snapshot, const Pick& pick) {
  Ordering& order = snapshot.indexes[some_index(snapshot, pick)];
  order.erase(static_cast<std::uint32_t>(pick(order.size())));
}

void list_row_twice(Snapshot& snapshot, const Pick& pick) {
  Ordering& order = snapshot.indexes[some_index(snapshot, pick)];
  const auto place = static_cast<std::uint32_t>(pick(order.size()));
  order.insert(place, order[place]);
}

// With the last bit of a text's first byte the other way round.
void change_dictionary(Snapshot& snapshot, const Pick& pick) {
  const std::size_t slot = pick(snapshot.dictionaries.size());
  const Dictionary& before = *snapshot.dictionaries[slot];
  std::vector<std::string> texts;
  for (std::uint32_t code = 1; code < before.size(); ++code) {
    texts.emplace_back(before.text(code));
  }
  std::string& text = texts[pick(texts.size())];
  if (text.empty()) {
    text = "x";
  } else {
    text.front() = static_cast<char>(text.front() ^ 1);
  }
  auto changed = std::make_shared<Dictionary>();
  changed->add_all(std::move(texts));
  snapshot.dictionaries[slot] = std::move(changed);
}

void change_own_text(Snapshot& snapshot, const Pick& pick) {
  TextStore changed;
  const auto which = static_cast<std::uint32_t>(1 + pick(snapshot.texts.size() - 1));
  for (std::uint32_t number = 1; number < snapshot.texts.size(); ++number) {
    std::string text(snapshot.texts.text(number));
    if (number == which) {
      text.back() = static_cast<char>(text.back() ^ 1);
    }
    changed.add(text);
  }
  snapshot.texts = std::move(changed);
}

// The same people, one of them changed by `change`.
People changed_people(const Snapshot& snapshot, std::uint32_t which,
                      const std::function<void(Person&, std::vector<std::string>&)>& change) {
  const std::uint16_t slots = snapshot.layout->person_texts;
  People changed(slots);
  for (std::uint32_t number = 0; number < snapshot.people.size(); ++number) {
    Person person = snapshot.people[number];
    std::vector<std::string> texts;
    for (std::uint16_t slot = 0; slot < slots; ++slot) {
      texts.emplace_back(snapshot.people.text(number, slot));
    }
    if (number == which) {
      change(person, texts);
    }
    changed.add(person, {texts.begin(), texts.end()});
  }
  return changed;
}

// Someone with a row.
std::uint32_t some_person(const Snapshot& snapshot, const Pick& pick) {
  for (;;) {
    const std::uint32_t person =
        person_of(*snapshot.layout, snapshot.rows.row(some_row(snapshot, pick)));
    if (person != kNoPerson) {
      return person;
    }
  }
}

void change_id(Snapshot& snapshot, const Pick& pick) {
  snapshot.people = changed_people(
      snapshot, some_person(snapshot, pick),
      [](Person& person, std::vector<std::string>&) { person.id[9] ^= std::byte{4}; });
}

void change_name(Snapshot& snapshot, const Pick& pick) {
  const std::size_t slot = pick(snapshot.layout->person_texts);
  snapshot.people =
      changed_people(snapshot, some_person(snapshot, pick),
                     [&](Person&, std::vector<std::string>& texts) { texts[slot] += "j"; });
}

void change_first_row(Snapshot& snapshot, const Pick& pick) {
  const std::uint32_t person = some_person(snapshot, pick);
  snapshot.people.edit(person).first_row ^= 1U;
}

void change_row_count(Snapshot& snapshot, const Pick& pick) {
  --snapshot.people.edit(some_person(snapshot, pick)).rows;
}

// Grams of people, one without their texts.
void forget_grams(Snapshot& snapshot, const Pick& pick) {
  const std::uint16_t slot = snapshot.layout->sources[snapshot.layout->search_text].slot;
  const std::uint32_t who = some_person(snapshot, pick);
  // All of a block: neighbours may have the same grams.
  People changed = snapshot.people;
  for (std::uint32_t person = who / PeopleIndex::kBlock * PeopleIndex::kBlock, left = 0;
       left < PeopleIndex::kBlock && person < snapshot.people.size(); ++person, ++left) {
    Snapshot copy = snapshot;
    copy.people = std::move(changed);
    changed = changed_people(
        copy, person, [&](Person&, std::vector<std::string>& texts) { texts[slot].clear(); });
  }
  snapshot.search = std::make_shared<const PeopleIndex>(changed, slot);
}

void set_moved(Snapshot& snapshot, const Pick& pick) {
  const std::uint32_t person = some_person(snapshot, pick);
  snapshot.moved[person / 64] |= std::uint64_t{1} << (person % 64);
}

void look_twice(Snapshot& snapshot, const Pick& pick) {
  snapshot.others.push_back(some_person(snapshot, pick));
}

std::vector<Mutant> mutants() {
  const sql::Relation& enrolments = test_relation();
  const sql::Relation& attempts = attempts_relation();
  const sql::Relation& learners = learners_relation();
  std::vector<Mutant> all;
  for (const sql::Relation* each : {&enrolments, &attempts, &learners}) {
    all.push_back({"a number of a row", *each, flip_number});
    all.push_back({"the code of a text in a row", *each, change_code});
    all.push_back({"the person of a row", *each, change_person});
    all.push_back({"the code of a row", *each, change_row_code});
    all.push_back({"what a code stands for", *each, change_code_table});
    all.push_back({"the order of two rows", *each, swap_neighbours});
    all.push_back({"a row left out of an index", *each, leave_row_out});
    all.push_back({"a row twice in an index", *each, list_row_twice});
    all.push_back({"a text of a dictionary", *each, change_dictionary});
    all.push_back({"a person's id", *each, change_id});
    all.push_back({"a person's text", *each, change_name});
  }
  all.push_back({"rows counted by code", enrolments, change_histogram});
  all.push_back({"rows counted by code, of attempts", attempts, change_histogram});
  all.push_back({"a text of the row's own", enrolments, change_own_text});
  all.push_back({"a text of the row's own, of attempts", attempts, change_own_text});
  all.push_back({"a person's first row", enrolments, change_first_row});
  all.push_back({"how many rows a person has", enrolments, change_row_count});
  all.push_back({"the blocks of grams", enrolments, forget_grams});
  all.push_back({"who moved", enrolments, set_moved});
  all.push_back({"who is looked at one by one", enrolments, look_twice});
  return all;
}

class Mutants : public testing::Test {
 protected:
  // Whether comparison tells the snapshot from the list.
  static bool is_found(Comparison& comparison) {
    testing::TestPartResultArray failures;
    for (int look = 0; look < kLooks && failures.size() == 0; ++look) {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
      comparison.compare_orders();
      comparison.compare(kRequestsPerLook);
    }
    return failures.size() > 0;
  }
};

TEST_F(Mutants, AreFound) {
  for (const Mutant& mutant : mutants()) {
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
      Comparison comparison(seed, {}, mutant.relation);
      comparison.begin(kPeople);
      auto wrong = std::make_shared<Snapshot>(*comparison.snapshot());
      // What is edited in place is not shared.
      wrong->people = changed_people(*wrong, kNoPerson, {});
      mutant.make(*wrong, [&](std::size_t bound) { return comparison.maker().pick(bound); });
      comparison.set(std::move(wrong));
      EXPECT_TRUE(is_found(comparison))
          << mutant.name << " of " << mutant.relation.name << ", seed " << seed;
    }
  }
}

// A number that is not free is given to another row: what is then in the indexes is noticed.
TEST_F(Mutants, AFreeRowThatIsNoneIsFound) {
  Comparison comparison(5);
  comparison.begin(kPeople);
  Snapshot wrong = *comparison.snapshot();
  for (std::uint32_t row = 0; row < wrong.size(); ++row) {
    wrong.free_rows.push_back(row);
  }
  SnapshotEditor editor(wrong);
  Writes writes(comparison, editor);
  EXPECT_DEATH(writes.put_some(60), "assertion failed");
}

TEST_F(Mutants, NothingIsFoundWhereNothingIsWrong) {
  for (const sql::Relation* relation :
       {&test_relation(), &attempts_relation(), &learners_relation()}) {
    Comparison comparison(6, {}, *relation);
    comparison.begin(kPeople);
    EXPECT_FALSE(is_found(comparison)) << relation->name;
  }
}

}  // namespace
}  // namespace matricula::readmodel
