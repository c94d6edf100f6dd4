#include "tests/conformance/answer.h"

#include <vector>

#include "base/assert.h"
#include "base/clock.h"
#include "execution/executor.h"
#include "planning/planner.h"

namespace matricula::conformance {

namespace {

// Commands ask no store.
class NoSession final : public storage::Session {
 public:
  sql::Dialect dialect() const override { return sql::Dialect::kSqlite; }
  Result<storage::RowsHandle> query(const storage::Statement&,
                                    std::span<const storage::Bind>) override {
    MATRICULA_ASSERT(false);
    return storage::RowsHandle();
  }
  Result<std::int64_t> execute(const storage::Statement&, std::span<const storage::Bind>) override {
    MATRICULA_ASSERT(false);
    return 0;
  }
  Result<void> begin_snapshot() override { return {}; }
  void end_snapshot() noexcept override {}
  void set_deadline(std::chrono::nanoseconds) override {}
  void set_tenant(std::string_view) override {}
};

class NoLists final : public storage::TableReader {
 public:
  void begin() override {}
  Result<storage::RowsHandle> page(const storage::PageQuery&) override {
    MATRICULA_ASSERT(false);
    return storage::RowsHandle();
  }
  Result<std::int64_t> count(const storage::ListScope&) override {
    MATRICULA_ASSERT(false);
    return 0;
  }
  bool can_add(const storage::PageQuery&) override { return false; }
  bool is_short(const storage::PageQuery&) override { return false; }
  bool is_count_kept(const storage::ListScope&) const override { return false; }
  std::optional<storage::UnsentStatement> page_statement(const storage::PageQuery&) override {
    return std::nullopt;
  }
  std::optional<storage::UnsentStatement> count_statement(const storage::ListScope&) override {
    return std::nullopt;
  }
  Result<bool> exists_beyond(const storage::BoundQuery&) override {
    MATRICULA_ASSERT(false);
    return false;
  }
};

}  // namespace

std::string answer_of(const graphql::ValidDocument& valid, graphql::Variables variables,
                      const json::Value& root) {
  planning::Mapping mapping;
  std::vector<std::string> values;
  for (const graphql::NamedType* type : {valid.schema().query(), valid.schema().mutation()}) {
    for (const graphql::Field& field :
         type == nullptr ? std::vector<graphql::Field>() : type->fields) {
      mapping.roots.emplace_back(planning::CommandRoot{
          .field = field.name, .command = static_cast<unsigned>(values.size())});
      const json::Value* const value = root.member(field.name);
      values.push_back(value == nullptr ? "null" : std::get<std::string>(value->data));
    }
  }
  auto plan = planning::make_plan(valid, "", mapping);
  MATRICULA_ASSERT(plan.has_value());
  const execution::BoundPlan bound = execution::bind_plan(*plan, std::move(variables), {});
  NoSession session;
  NoLists lists;
  const ManualClock clock;
  const execution::ExecutionLimits limits;
  const execution::CommandRunner runner = [&](unsigned command,
                                              const execution::Arguments&) -> Result<std::string> {
    return values[command];
  };
  return execution::Executor({.session = session, .tables = lists}, clock, limits)
      .run({.plan = bound, .commands = &runner})
      .answer.text;
}

}  // namespace matricula::conformance
