// Documents and the plans that they become: plans/README.md has their form. Beside the plans, what
// a selection is collected to (GraphQL, section 6.3.2) shows in them.
#include "planning/plan_text.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "graphql/language/parser.h"
#include "planning/planner.h"

namespace matricula::planning {
namespace {

const std::filesystem::path kFolder = "src/planning/plans";

sql::Relation pupils() {
  return {.name = "pupils",
          .table = "pupils t",
          .tenant = "t.school_id = ?1",
          .fixed = {},
          .joins = {},
          .columns = {{.name = "id", .expression = "t.id", .type = sql::ColumnType::kUuid},
                      {.name = "name", .expression = "t.name"},
                      {.name = "born", .expression = "t.born", .type = sql::ColumnType::kTime},
                      {.name = "guardians",
                       .expression = "t.guardians",
                       .type = sql::ColumnType::kJson}},
          .orders = {{.name = "NAME", .key = "t.name"}},
          .ties = {{.expression = "t.id", .type = sql::ColumnType::kUuid}},
          .filters = {{.name = "filter.names", .expression = "t.name"}}};
}

sql::Relation rooms() {
  return {
      .name = "rooms",
      .table = "rooms t",
      .tenant = "t.school_id = ?1",
      .fixed = {},
      .joins = {},
      .columns = {{.name = "number", .expression = "t.number", .type = sql::ColumnType::kInteger}},
      .orders = {},
      .ties = {},
      .filters = {}};
}

const Mapping& school_mapping() {
  static const Mapping kMapping{
      .name = "school",
      .scopes = {},
      .roots = {ConnectionRoot{.field = "pupils", .relation = pupils()},
                ObjectRoot{.field = "school",
                           .company_field = "id",
                           .guard = {.argument = "id", .text = "SELECT 1"},
                           .lists = {{.field = "rooms", .whole = rooms(), .narrowed = rooms()}}},
                CommandRoot{.field = "enrol", .command = 0},
                CommandRoot{.field = "leave", .command = 1}}};
  return kMapping;
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct Case {
  std::string title;
  std::string document;
  std::string plan;
};

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  bool in_document = false;
  std::istringstream file(read_file(path));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      cases.push_back({.title = line.substr(3), .document = {}, .plan = {}});
      in_document = true;
    } else if (line == "--") {
      in_document = false;
    } else if (!cases.empty() && !line.empty()) {
      (in_document ? cases.back().document : cases.back().plan) += line + "\n";
    }
  }
  return cases;
}

void write_cases(const std::filesystem::path& path, const std::vector<Case>& cases) {
  std::ofstream file(path);
  for (const Case& each : cases) {
    file << (&each == cases.data() ? "" : "\n") << "== " << each.title << "\n"
         << each.document << "--\n"
         << each.plan;
  }
}

std::string plan_of(const std::shared_ptr<const graphql::Schema>& schema, const std::string& text) {
  const auto document = graphql::parse(text, {});
  if (!document) {
    return document.error().message + "\n";
  }
  const auto valid = graphql::validate(schema, *document, {});
  if (!valid) {
    return valid.error().front().message + "\n";
  }
  const auto plan = make_plan(*valid, "", school_mapping());
  return plan ? plan_text(**plan) : plan.error().message + "\n";
}

TEST(Plans, AreThoseOfTheFiles) {
  const auto schema = graphql::Schema::from_sdl(read_file(kFolder / "school.graphql"));
  ASSERT_TRUE(schema.has_value()) << schema.error().message;
  const auto fits = check_mapping(school_mapping(), **schema);
  ASSERT_TRUE(fits) << fits.error().message;
  const bool updates = std::getenv("MATRICULA_UPDATE_PLANS") != nullptr;
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".plans") {
      continue;
    }
    std::vector<Case> cases = read_cases(entry.path());
    for (Case& each : cases) {
      const std::string plan = plan_of(*schema, each.document);
      EXPECT_EQ(plan, each.plan) << entry.path() << ": " << each.title;
      each.plan = plan;
      ++seen;
    }
    if (updates) {
      write_cases(entry.path(), cases);
    }
  }
  EXPECT_GE(seen, 15U);
}

}  // namespace
}  // namespace matricula::planning
