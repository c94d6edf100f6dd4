#include "execution/error_text.h"

#include <fmt/format.h>
#include <set>

#include "json/writer.h"

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
  out += R"({"message":)";
  json::append_string(out, message);
  if (!locations.empty()) {
    out += R"(,"locations":[)";
    for (std::size_t i = 0; i < locations.size(); ++i) {
      out += fmt::format("{}{{\"line\":{},\"column\":{}}}", i == 0 ? "" : ",", locations[i].line,
                         locations[i].column);
    }
    out += ']';
  }
  if (!path.empty()) {
    out += R"(,"path":)";
    out += path;
  }
  out += R"(,"extensions":{"code":)";
  json::append_string(out, error_name(code));
  out += "}}";
}

}  // namespace matricula::execution
