#include <algorithm>
#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"
#include "graphql/validation/type_relations.h"

namespace matricula::graphql::rules {

namespace {

// Collects the fields of the root as execution would: GraphQL, section 5.2.4.1.
class RootFields {
 public:
  RootFields(Context& context, const NamedType& root, Offset offset)
      : context_(context), root_(root), offset_(offset) {}

  void collect(const SelectionSet& set, std::size_t depth) {
    if (!context_.may_descend(depth, offset_)) {
      return;
    }
    for (const Selection& selection : set.selections) {
      if (!context_.spend_expansions(1, offset_)) {
        return;
      }
      if (!is_forbidden(selection)) {
        collect(selection, depth);
      }
    }
  }

  std::vector<std::vector<Offset>> groups;
  std::vector<const Selection*> firsts;  // of each group
  std::vector<Offset> forbidden;

 private:
  bool is_forbidden(const Selection& selection) {
    for (const std::string_view name : {"skip", "include"}) {
      for (const Directive& directive : selection.directives) {
        if (directive.name.value == name) {
          forbidden.push_back(directive.offset);
          return true;
        }
      }
    }
    return false;
  }

  void collect(const Selection& selection, std::size_t depth) {
    switch (selection.kind) {
      case SelectionKind::kField: {
        const std::uint32_t group = names_.add(selection.response_key());
        if (group == groups.size()) {
          groups.emplace_back();
          firsts.push_back(&selection);
        }
        groups[group].push_back(selection.offset);
        break;
      }
      case SelectionKind::kInlineFragment:
        if (matches(selection.type_condition)) {
          collect(*selection.selection_set, depth + 1);
        }
        break;
      case SelectionKind::kFragmentSpread: {
        const Definition* const fragment = context_.fragment(selection.name.value);
        const std::size_t visited = visited_.size();
        if (fragment != nullptr && matches(fragment->type_condition) &&
            visited_.add(selection.name.value) == visited) {
          collect(*fragment->selection_set, depth + 1);
        }
        break;
      }
    }
  }

  bool matches(const Name& condition) const {
    if (condition.value.empty()) {
      return true;
    }
    const NamedType* const type = context_.schema().type(condition.value);
    return type != nullptr && (type == &root_ || is_sub_type(*type, root_));
  }

  Context& context_;
  const NamedType& root_;
  Offset offset_;
  NameIndex names_;
  NameIndex visited_;
};

}  // namespace

// GraphQL, section 5.2.4.1: a subscription has one root field, and that unconditionally.
void single_field_subscriptions(Context& context, const Definition& operation) {
  const NamedType* const root = context.schema().subscription();
  if (operation.operation != OperationType::kSubscription || root == nullptr) {
    return;
  }
  const std::string subject = operation.name.value.empty()
                                  ? "Anonymous Subscription"
                                  : fmt::format(R"(Subscription "{}")", operation.name.value);
  RootFields fields(context, *root, operation.offset);
  fields.collect(*operation.selection_set, 0);
  if (!fields.forbidden.empty()) {
    context.report(
        subject + " must not use `@skip` or `@include` directives in the top level selection.",
        fields.forbidden);
    return;
  }
  if (fields.groups.empty()) {
    context.report(subject + " must select one top level field.",
                   {operation.selection_set->offset});
  } else if (fields.groups.size() > 1) {
    std::vector<Offset> extra;
    for (std::size_t i = 1; i < fields.groups.size(); ++i) {
      extra.insert(extra.end(), fields.groups[i].begin(), fields.groups[i].end());
    }
    context.report(subject + " must select only one top level field.", std::move(extra));
  }
  for (std::size_t i = 0; i < fields.groups.size(); ++i) {
    if (fields.firsts[i]->name.value.starts_with("__")) {
      context.report(subject + " must not select an introspection top level field.",
                     fields.groups[i]);
    }
  }
}

}  // namespace matricula::graphql::rules
