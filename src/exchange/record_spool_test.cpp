#include "exchange/record_spool.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

#include "exchange/record_reader.h"
#include "exchange/testing.h"

namespace matricula::exchange {
namespace {

using records::EntityId;
using storage::Bind;

struct TextOfValue {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(std::int64_t value) const { return fmt::format("i{}", value); }
  std::string operator()(double value) const { return fmt::format("r{}", value); }
  std::string operator()(std::string_view value) const { return fmt::format("t{}", value); }
  std::string operator()(storage::Bytes value) const {
    return fmt::format("b{}", storage::as_text(value));
  }
  std::string operator()(const storage::ValueList&) const { return "list"; }
};

std::string text_of(const records::Entity& of, std::uint64_t line, const Record& record) {
  std::string text = fmt::format("{}{}:", line, record.is_deletion ? " deleted" : "");
  for (std::size_t i = 0; i < of.fields.size(); ++i) {
    if (!record.is_deletion || of.fields[i].is_key) {
      text += " " + std::visit(TextOfValue{}, record.values[i]);
    }
  }
  return text;
}

// Takes lines of JSON, one after the other, and gives them back.
class Spooled {
 public:
  Spooled(EntityId id, std::size_t run_bytes_max)
      : entity_(records::entity(id)), reader_(entity_), spool_(entity_, run_bytes_max) {}

  void add(std::string line) {
    line.reserve(line.size() + 64);
    ASSERT_TRUE(reader_.read(line, record_).has_value()) << line;
    taken_.push_back(text_of(entity_, taken_.size() + 1, record_));
    ASSERT_TRUE(spool_.add(taken_.size(), record_).has_value());
  }
  const std::vector<std::string>& taken() const { return taken_; }
  std::vector<std::string> given() {
    std::vector<std::string> all;
    const Result<void> read =
        spool_.for_each([&](std::uint64_t line, const Record& record) -> Result<void> {
          all.push_back(text_of(entity_, line, record));
          return {};
        });
    EXPECT_TRUE(read.has_value());
    return all;
  }

 private:
  const records::Entity& entity_;
  RecordReader reader_;
  RecordSpool spool_;
  Record record_;
  std::vector<std::string> taken_;
};

std::string attempt(int number, std::size_t report_bytes) {
  return fmt::format(
      R"({{"companyId":"c","attemptId":"t{:04}","assessmentId":"q","assessmentStatus":"completed","assessmentReport":"{}","createdAt":"2025-06-01T08:00:00Z"}})",
      number, std::string(report_bytes, 'x'));
}

TEST(RecordSpool, GivesBackWhatItTookSortedByKeyAndLine) {
  Spooled spooled(EntityId::kAssessmentProgress, 1024 * 1024);
  spooled.add(attempt(3, 5));
  spooled.add(attempt(1, 0));
  spooled.add(R"({"_delete":true,"attemptId":"t0003"})");
  spooled.add(attempt(2, 1));
  spooled.add(attempt(3, 2));
  const std::vector<std::string>& taken = spooled.taken();
  EXPECT_EQ(spooled.given(),
            (std::vector<std::string>{taken[1], taken[3], taken[0], taken[2], taken[4]}));
}

TEST(RecordSpool, MergesRunsThatAreOnDisk) {
  Spooled spooled(EntityId::kAssessmentProgress, 4096);
  std::mt19937 random(7);
  std::vector<std::pair<int, std::size_t>> keys;
  for (std::size_t line = 0; line < 2'000; ++line) {
    const int number = static_cast<int>(random() % 1'000);
    // Some larger than what a run holds, and than what is read at once.
    spooled.add(attempt(number, line % 100 == 0 ? 100'000 : random() % 300));
    keys.emplace_back(number, line);
  }
  std::ranges::sort(keys);
  std::vector<std::string> expected;
  for (const auto& [number, line] : keys) {
    expected.push_back(spooled.taken()[line]);
  }
  EXPECT_EQ(spooled.given(), expected);
}

TEST(RecordSpool, KeepsTheOrderOfLinesOfUsers) {
  Spooled spooled(EntityId::kUsers, 100);
  for (const std::string_view id : {kGrace, kAda}) {
    spooled.add(
        fmt::format(R"({{"id":"{}","email":"{}@example.com","firstName":"","lastName":"x"}})", id,
                    id.substr(0, 4)));
  }
  EXPECT_EQ(spooled.given(), spooled.taken());
}

TEST(RecordSpool, OfNoRecordsGivesNone) {
  EXPECT_TRUE(Spooled(EntityId::kPrograms, 100).given().empty());
}

}  // namespace
}  // namespace matricula::exchange
