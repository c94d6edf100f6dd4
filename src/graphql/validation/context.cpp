#include "graphql/validation/context.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "graphql/coercion/suggestions.h"
#include "graphql/validation/usages.h"

namespace matricula::graphql {

namespace {

// Messages quote names and values of the document; together they may not grow without bound.
constexpr std::size_t kMessageBytesMax = 1024 * 1024;
// In letters compared; more than any hand-written document with a hundred mistakes needs.
constexpr std::size_t kSuggestionWorkMax = 4'000'000;
constexpr std::size_t kFragmentNestingMax = 200;

constexpr std::string_view kTooManyErrors =
    "Too many validation errors, error limit reached. Validation aborted.";

}  // namespace

Context::Context(const Schema& schema, const Document& document, const ValidationOptions& options)
    : schema_(schema),
      document_(document),
      options_(options),
      expansions_left_(options.fragment_expansions),
      comparisons_left_(options.merge_comparisons * kComparison),
      has_variables_(document.source().find('$') != std::string_view::npos),
      facts_(document.definitions().size()) {
  for (const Definition& definition : document.definitions()) {
    if (definition.kind == DefinitionKind::kOperation) {
      ++operation_count_;
      if (!definition.name.value.empty() &&
          operation_names_.add(definition.name.value) == first_operations_.size()) {
        first_operations_.push_back(&definition);
      }
    } else if (definition.kind == DefinitionKind::kFragment) {
      const std::uint32_t number = fragment_names_.add(definition.name.value);
      if (number == first_fragments_.size()) {
        first_fragments_.push_back(&definition);
        last_fragments_.push_back(&definition);
      }
      last_fragments_[number] = &definition;
    } else {
      has_type_system_definitions_ = true;
    }
  }
}

void Context::report(std::string message, std::vector<Offset> offsets) {
  if (stopped_) {
    return;
  }
  message_bytes_ += message.size();
  if (problems_.size() >= options_.errors_max || message_bytes_ > kMessageBytesMax) {
    problems_.push_back({.message = std::string(kTooManyErrors), .offsets = {}});
    stopped_ = true;
    return;
  }
  problems_.push_back({.message = std::move(message), .offsets = std::move(offsets)});
}

void Context::exceed(std::string message, Offset offset) {
  if (stopped_) {
    return;
  }
  stopped_ = true;
  problems_.clear();
  problems_.push_back(
      {.code = ErrorCode::kLimitExceeded, .message = std::move(message), .offsets = {offset}});
}

// All offsets become lines and columns in one reading of the source.
std::vector<Diagnostic> Context::take_diagnostics() {
  std::vector<Diagnostic> diagnostics(problems_.size());
  std::vector<std::pair<Offset, Location*>> places;
  for (std::size_t i = 0; i < problems_.size(); ++i) {
    Problem& problem = problems_[i];
    diagnostics[i].code = problem.code;
    diagnostics[i].message = std::move(problem.message);
    diagnostics[i].locations.resize(problem.offsets.size());
    for (std::size_t j = 0; j < problem.offsets.size(); ++j) {
      places.emplace_back(problem.offsets[j], &diagnostics[i].locations[j]);
    }
  }
  std::sort(places.begin(), places.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Location at{.line = 1, .column = 1};
  Offset read = 0;
  for (const auto& [offset, location] : places) {
    const Location step = location_at(document_.source().substr(read), offset - read);
    at.column = step.line == 1 ? at.column + step.column - 1 : step.column;
    at.line += step.line - 1;
    read = offset;
    *location = at;
  }
  return diagnostics;
}

void Context::exceed_expansions(Offset offset) {
  exceed(fmt::format(R"(Fragments of the document expand to more than {} parts, the limit )"
                     R"("fragment-expansions" of this server.)",
                     options_.fragment_expansions),
         offset);
}

bool Context::spend_expansions(std::size_t cost, Offset offset) {
  if (cost > expansions_left_) {
    exceed_expansions(offset);
  } else {
    expansions_left_ -= cost;
  }
  return !stopped_;
}

bool Context::spend_comparisons(std::size_t eighths, Offset offset) {
  if (eighths > comparisons_left_) {
    exceed(fmt::format(R"(Merging the fields of the document takes more than {} comparisons, the )"
                       R"(limit "merge-comparisons" of this server.)",
                       options_.merge_comparisons),
           offset);
  } else {
    comparisons_left_ -= eighths;
  }
  return !stopped_;
}

bool Context::may_descend(std::size_t depth, Offset offset) {
  if (depth > kFragmentNestingMax) {
    exceed(
        fmt::format(R"(Fragments nest deeper than {} levels, the limit "nesting" of this server.)",
                    kFragmentNestingMax),
        offset);
  }
  return !stopped_;
}

std::string Context::suggest(std::string_view input, std::span<const std::string_view> candidates) {
  if (!options_.suggestions || stopped_ || suggestion_work_ > kSuggestionWorkMax) {
    return {};
  }
  for (const std::string_view candidate : candidates) {
    suggestion_work_ += input.size() * candidate.size();
  }
  return did_you_mean(suggestion_list(input, candidates));
}

const Definition* Context::fragment(std::string_view name) const {
  const std::uint32_t number = fragment_names_.find(name);
  return number == NameIndex::kNone ? nullptr : last_fragments_[number];
}

const Definition* Context::first_fragment(std::string_view name) const {
  const std::uint32_t number = fragment_names_.find(name);
  return number == NameIndex::kNone ? nullptr : first_fragments_[number];
}

const Definition* Context::first_operation(std::string_view name) const {
  const std::uint32_t number = operation_names_.find(name);
  return number == NameIndex::kNone ? nullptr : first_operations_[number];
}

std::span<const Selection* const> Context::spreads(const Definition& definition) {
  Facts& known = facts(definition);
  if (!known.has_spreads) {
    known.has_spreads = true;
    std::vector<const SelectionSet*> open{definition.selection_set};
    while (!open.empty()) {
      const SelectionSet& set = *open.back();
      open.pop_back();
      for (const Selection& selection : set.selections) {
        if (selection.kind == SelectionKind::kFragmentSpread) {
          known.spreads.push_back(&selection);
        } else if (selection.selection_set != nullptr) {
          open.push_back(selection.selection_set);
        }
      }
    }
  }
  return known.spreads;
}

std::vector<const Definition*> Context::reached_fragments(
    std::span<const Definition* const> operations) {
  std::vector<const Definition*> fragments;
  if (fragment_names_.size() == 0) {
    return fragments;
  }
  NameIndex names;
  for (const Definition* const operation : operations) {
    for (const Selection* const spread : spreads(*operation)) {
      names.add(spread->name.value);
    }
  }
  const Offset offset = operations.empty() ? 0 : operations.front()->offset;
  spend_expansions(names.size(), offset);
  for (std::uint32_t i = 0; i < names.size() && !stopped_; ++i) {
    const Definition* const found = fragment(names.name(i));
    if (found == nullptr) {
      continue;
    }
    fragments.push_back(found);
    const auto inner = spreads(*found);
    spend_expansions(inner.size(), offset);
    for (const Selection* const spread : inner) {
      names.add(spread->name.value);
    }
  }
  return fragments;
}

std::span<const VariableUsage> Context::usages(const Definition& definition) {
  Facts& known = facts(definition);
  if (!known.has_usages) {
    known.has_usages = true;
    if (has_variables_) {
      known.usages = find_variable_usages(schema_, definition);
    }
  }
  return known.usages;
}

std::span<const VariableUsage> Context::recursive_usages(const Definition& operation) {
  if (usages_of_ == &operation || !has_variables_) {
    return recursive_usages_;
  }
  usages_of_ = &operation;
  const auto own = usages(operation);
  recursive_usages_.assign(own.begin(), own.end());
  const Definition* const operations[] = {&operation};
  for (const Definition* const fragment : reached_fragments(operations)) {
    const auto more = usages(*fragment);
    if (!spend_expansions(1 + more.size(), operation.offset)) {
      break;
    }
    recursive_usages_.insert(recursive_usages_.end(), more.begin(), more.end());
  }
  return recursive_usages_;
}

}  // namespace matricula::graphql
