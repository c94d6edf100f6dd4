#include "execution/error_text.h"

#include <fmt/format.h>
#include <set>

#include "json/error_text.h"

namespace matricula::execution {

// A fragment may be spread under several flags, and its fields count once.
std::vector<const graphql::Selection*> nodes_of(const BoundPlan& plan,
                                                const planning::RootEntry& root) {
  std::vector<const graphql::Selection*> nodes;
  std::set<const graphql::Selection*> seen;
  for (const planning::FlaggedNode& place : root.places) {
    if (plan.flags().holds({.flag = place.flag}) && seen.insert(place.node).second) {
      nodes.push_back(place.node);
    }
  }
  return nodes;
}

std::vector<graphql::Location> locations_of(const BoundPlan& plan,
                                            const planning::RootEntry& root) {
  std::vector<graphql::Location> locations;
  for (const graphql::Selection* node : nodes_of(plan, root)) {
    locations.push_back(graphql::location_at(plan.plan().document->source(), node->offset));
  }
  return locations;
}

void append_error(std::string& out, std::string_view message, ErrorCode code,
                  std::span<const graphql::Location> locations, std::string_view path) {
  std::string place;
  if (!locations.empty()) {
    place += R"(,"locations":[)";
    for (std::size_t i = 0; i < locations.size(); ++i) {
      place += fmt::format("{}{{\"line\":{},\"column\":{}}}", i == 0 ? "" : ",", locations[i].line,
                           locations[i].column);
    }
    place += ']';
  }
  if (!path.empty()) {
    place += R"(,"path":)";
    place += path;
  }
  json::append_error(out, {.message = message, .code = error_name(code), .place = place});
}

}  // namespace matricula::execution
