// What lists in memory cost: loading the lists of a large company, memory, and the state after some
// rows changed. CPU time of the thread, beside the bounds.
#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <random>

#include "domains/domains.h"
#include "exchange/import.h"
#include "planning/mapping.h"
#include "readmodel/selector.h"
#include "readmodel/store_rows.h"
#include "server/store.h"
#include "storage/testing.h"
#include "tests/bench/big_store.h"
#include "tests/bench/measure.h"

namespace matricula::bench {
namespace {

using readmodel::Layout;
using readmodel::StoredState;
using readmodel::StoreRows;

constexpr double kLoadBoundMs = 10'000;
constexpr double kBytesBound = 260;

double thread_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

class Lists {
 public:
  Lists(const std::string& store, std::string company)
      : company_(std::move(company)),
        database_(must(server::open_store(store, {}, clock_))),
        session_(must(database_->open_reader())) {}

  // Loads each list of the endpoints, and gives the bytes of each.
  void load_all() {
    for (const domains::Domain& domain : domains::all_domains()) {
      definitions_.push_back(std::make_unique<const domains::Definition>(domain.define()));
      for (const planning::Root& root : definitions_.back()->mapping.roots) {
        if (const auto* connection = std::get_if<planning::ConnectionRoot>(&root)) {
          load(connection->relation);
        }
      }
    }
  }

  // The state after so many rows of program progress were written.
  void refresh(std::int64_t rows, double bound_ms) {
    const StoredState& before = states_.at("program_progress");
    write(rows);
    must(session_->begin_snapshot());
    const double began = thread_ms();
    const auto next = must(StoreRows::of(layouts_.at("program_progress"), database_->dialect())
                               ->refresh({.session = *session_, .id = company_}, before, rows));
    const double took = thread_ms() - began;
    session_->end_snapshot();
    fmt::print("refresh of {} rows: {:.2f} ms (bound {} ms)\n", rows, took, bound_ms);
    states_["program_progress"] = *next;
  }

  // Reading and applying one row, the median of many.
  void refresh_one(double bound_ms) {
    std::vector<double> times;
    for (int round = 0; round < 31; ++round) {
      write(1);
      must(session_->begin_snapshot());
      const double began = thread_ms();
      const auto next = must(StoreRows::of(layouts_.at("program_progress"), database_->dialect())
                                 ->refresh({.session = *session_, .id = company_},
                                           states_.at("program_progress"), 32));
      times.push_back(thread_ms() - began);
      session_->end_snapshot();
      states_["program_progress"] = *next;
    }
    fmt::print("refresh of one row: {:.3f} ms (bound {} ms)\n", median(times), bound_ms);
  }

  // Counting searches for parts of people's names and addresses, each for the first time.
  void count_searches() {
    const StoredState& state = states_.at("program_progress");
    const readmodel::Snapshot& snapshot = *state.snapshot;
    const Layout& layout = layouts_.at("program_progress");
    const auto& filters = layout.relation->filters;
    const auto search = std::ranges::find(filters, sql::FilterKind::kSearch, &sql::Filter::kind);
    std::vector<storage::Condition> condition(
        1, {.filter = static_cast<std::uint16_t>(search - filters.begin())});
    readmodel::Selector selector;
    std::vector<double> times;
    std::int64_t rows = 0;
    for (int round = 0; round < 99; ++round) {
      condition.front().search = part_of_search_text(snapshot, round % 3);
      const storage::ListScope scope{
          .relation = layout.relation, .company = company_, .conditions = condition};
      const double began = thread_ms();
      selector.begin(snapshot, scope);
      rows += selector.count();
      times.push_back(thread_ms() - began);
    }
    fmt::print("first count of a search: {:.2f} ms; {} people, {} rows found on average\n",
               median(times), snapshot.people.size(), rows / 99);
  }

 private:
  // The last name of some person, or their first name and the start of the last, or the start of
  // their address: a search text is the address, the names, and both together, a line each.
  std::string part_of_search_text(const readmodel::Snapshot& snapshot, int kind) {
    const std::uint16_t slot = snapshot.layout->sources[snapshot.layout->search_text].slot;
    const std::string text(
        snapshot.people.text(static_cast<std::uint32_t>(random_() % snapshot.people.size()), slot));
    const std::size_t first = text.find('\n') + 1;
    const std::size_t last = text.find('\n', first) + 1;
    const std::size_t both = text.find('\n', last) + 1;
    return kind == 0   ? text.substr(last, both - 1 - last)
           : kind == 1 ? text.substr(both, last - first + 3)
                       : text.substr(0, text.find('@'));
  }

  void load(const sql::Relation& relation) {
    std::optional<Layout> layout = Layout::of(relation);
    const std::string name(relation.name);
    const Layout& kept = layouts_.emplace(name, *std::move(layout)).first->second;
    const StoreRows rows = *StoreRows::of(kept, database_->dialect());
    must(session_->begin_snapshot());
    const double began = thread_ms();
    auto read = must(rows.read({.session = *session_, .id = company_}, UINT64_MAX));
    const double read_at = thread_ms();
    session_->end_snapshot();
    states_[name] = must(StoreRows::finish(*std::move(read)));
    const double took = thread_ms() - began;
    const readmodel::Snapshot& snapshot = *states_[name].snapshot;
    const std::string bounds = name == "program_progress"
                                   ? fmt::format(" (bounds {} ms for 1.3 million rows, {} bytes)",
                                                 kLoadBoundMs, kBytesBound)
                                   : std::string();
    fmt::print("{}: {} rows in {:.0f} ms, of which reading {:.0f}; {:.0f} bytes a row{}\n", name,
               snapshot.size(), took, read_at - began,
               static_cast<double>(snapshot.bytes()) / std::max(1U, snapshot.size()), bounds);
  }

  // Gives some rows, at random, other hours and another time of their last change.
  void write(std::int64_t rows) {
    const storage::Statement some(
        "SELECT json_object('companyId', company_id, 'userId', lower(substr(hex(user_id), 1, 8) || "
        "'-' || substr(hex(user_id), 9, 4) || '-' || substr(hex(user_id), 13, 4) || '-' || "
        "substr(hex(user_id), 17, 4) || '-' || substr(hex(user_id), 21)), 'programKey', "
        "program_key, 'programVersion', program_version, 'programType', program_type, "
        "'enrollmentStatus', enrollment_status, 'enrolledAt', strftime('%Y-%m-%dT%H:%M:%SZ', "
        "enrolled_at / 1000000, 'unixepoch'), 'learnerHours', learner_hours + 1, "
        "'completionPercentage', completion_percentage, 'projectsRequiredTotal', "
        "projects_required_total, 'projectsRequiredCompleted', projects_required_completed, "
        "'onTrackStatus', on_track_status) FROM program_progress WHERE company_id = ?1 AND "
        "change_seq % ?3 = ?4 LIMIT ?2");
    const std::int64_t every =
        std::max<std::int64_t>(1, states_["program_progress"].snapshot->size() / (2 * rows));
    const storage::Bind binds[] = {std::string_view(company_), rows, every,
                                   static_cast<std::int64_t>(random_() % 1'000) % every};
    const std::string file = directory_.file("program_progress.ndjson");
    {
      std::ofstream out(file, std::ios::trunc);
      // In a session of its own: SQLite ends the mapping of a session's file after each write, and
      // that of one that has read the whole table takes milliseconds.
      const auto reader = must(database_->open_reader());
      const auto found = must(reader->query(some, binds));
      while (must(found->next())) {
        out << found->text(0) << '\n';
      }
    }
    must(exchange::import_paths(*database_, std::span(&file, 1), {}, clock_));
  }

  const SystemClock clock_;
  const std::string company_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<storage::Session> session_;
  storage::TempDirectory directory_;
  std::mt19937 random_{7};
  std::vector<std::unique_ptr<const domains::Definition>> definitions_;
  std::map<std::string, Layout> layouts_;
  std::map<std::string, StoredState> states_;
};

}  // namespace
}  // namespace matricula::bench

int main(int argc, char** argv) {
  using namespace matricula;
  const std::filesystem::path directory = argc > 1 ? argv[1] : "build/bench/data";
  const std::string store = (directory / "bench.db").string();
  bench::make_store(directory, store, argc > 2 ? argv[2] : "600000");
  const SystemClock clock;
  bench::Lists lists(store, bench::make_access(store, clock).company);
  lists.load_all();
  lists.count_searches();
  lists.refresh_one(1);
  lists.refresh(10'000, 500);
  return 0;
}
