#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "execution/bound_plan.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "json/reader.h"
#include "planning/planner.h"

namespace matricula::execution {

// A small schema of schools, for tests of what is done with a plan.
inline constexpr std::string_view kSchoolSdl = R"(
  scalar Time
  type Query {
    pupils(input: PupilsInput): PupilConnection!
    lessons(input: LessonsInput!): PupilConnection!
    school(id: ID): School!
  }
  type Mutation { enrol(name: String!): Boolean! leave: Boolean! }
  input PupilsInput {
    first: Int after: String last: Int before: String
    orderBy: PupilOrder = NAME order: Direction = ASC
    filter: PupilFilter
    query: String
  }
  input LessonsInput {
    roomId: ID!
    first: Int after: String last: Int before: String
    orderBy: PupilOrder = NAME order: Direction = ASC
  }
  input PupilFilter { names: [String!] born: TimeRange }
  input TimeRange { from: Time to: Time }
  enum PupilOrder { NAME BORN }
  enum Direction { ASC DESC }
  type PupilConnection { edges: [PupilEdge!]! pageInfo: PageInfo! totalCount: Int! }
  type PupilEdge { cursor: String! node: Pupil! }
  type PageInfo {
    hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
  }
  type Pupil { id: ID! name: String! born: Time guardians: [Guardian!]! }
  type Guardian { name: String! phone: String }
  type School { id: ID! rooms: [Room!]! }
  type Room { number: Int! }
)";

inline sql::Relation school_relation(std::string_view name) {
  sql::Relation relation{.name = name,
                         .table = "pupils t",
                         .tenant = "t.school_id = ?1",
                         .fixed = {},
                         .joins = {},
                         .columns = {},
                         .orders = {},
                         .ties = {},
                         .filters = {}};
  relation.columns = {
      {.name = "id", .expression = "t.id", .type = sql::ColumnType::kUuid},
      {.name = "name", .expression = "t.name"},
      {.name = "born", .expression = "t.born", .type = sql::ColumnType::kTime},
      {.name = "guardians", .expression = "t.guardians", .type = sql::ColumnType::kJson}};
  relation.orders = {{.name = "NAME", .key = "t.name"},
                     {.name = "BORN", .key = "t.born", .type = sql::ColumnType::kTime}};
  relation.ties = {{.expression = "t.id", .type = sql::ColumnType::kUuid}};
  return relation;
}

inline const planning::Mapping& school_mapping() {
  static const planning::Mapping kMapping = [] {
    planning::ConnectionRoot pupils{.field = "pupils", .relation = school_relation("pupils")};
    pupils.relation.filters = {
        {.name = "filter.names", .expression = "t.name", .indexed = true, .lower_case = true},
        {.name = "filter.born",
         .expression = "t.born",
         .type = sql::ColumnType::kTime,
         .kind = sql::FilterKind::kHalfOpen},
        {.name = "query", .expression = "t.id", .kind = sql::FilterKind::kSearch}};
    planning::ConnectionRoot lessons{.field = "lessons",
                                     .relation = school_relation("lessons"),
                                     .guard = {{.argument = "input.roomId", .text = "SELECT 1"}}};
    lessons.relation.fixed = {{.name = "roomId", .expression = "t.room_id"}};
    lessons.relation.histograms = {{.table = "lesson_counts t", .filters = {}}};
    sql::Relation rooms = school_relation("rooms");
    rooms.columns = {
        {.name = "number", .expression = "t.number", .type = sql::ColumnType::kInteger}};
    return planning::Mapping{
        .name = "school",
        .scopes = {},
        .roots = {
            pupils, lessons,
            planning::ObjectRoot{.field = "school",
                                 .company_field = "id",
                                 .guard = {.argument = "id", .text = "SELECT 1"},
                                 .lists = {{.field = "rooms", .whole = rooms, .narrowed = rooms}}},
            planning::CommandRoot{.field = "enrol", .command = 0},
            planning::CommandRoot{.field = "leave", .command = 1}}};
  }();
  return kMapping;
}

// The plan of a document, which must be valid.
inline std::shared_ptr<const planning::Plan> school_plan(std::string_view document) {
  const auto schema = graphql::Schema::from_sdl(kSchoolSdl).value();
  const auto parsed = graphql::parse(std::string(document), {}).value();
  const auto valid = graphql::validate(schema, parsed, {}).value();
  return planning::make_plan(valid, "", school_mapping()).value();
}

// The same with `variables`, a JSON object, bound.
inline BoundPlan bound_school(std::string_view document, std::string_view variables = "{}",
                              const ExecutionLimits& limits = {}) {
  auto plan = school_plan(document);
  auto values = graphql::coerce_variables(*plan->schema, *plan->document, *plan->operation,
                                          json::read(variables).value())
                    .value();
  return bind_plan(std::move(plan), std::move(values), limits);
}

}  // namespace matricula::execution
