#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "graphql/coercion/check_literal.h"
#include "graphql/introspection/introspection.h"
#include "graphql/introspection/meta_selection.h"

namespace matricula::graphql {

// Writes introspection objects depth first, straight to the output. An error is raised: what is
// left of the objects around it is left out, up to a nullable field, which becomes null (GraphQL,
// section 6.4.4). After an error of the collector, everything is.
class IntrospectionWriter {
 public:
  IntrospectionWriter(const Schema& schema, MetaCollector& collector,
                      const IntrospectionLimits& limits, std::string& out)
      : schema_(schema), collector_(collector), limits_(limits), out_(out) {}

  const Schema& schema() const { return schema_; }

  void null() { out_ += "null"; }
  void text(std::string_view text) { append_json_string(out_, text); }
  void text_or_null(const std::optional<std::string_view>& optional) {
    optional ? text(*optional) : null();
  }
  void boolean(bool value) { out_ += value ? "true" : "false"; }

  template <typename Object>
  void object(const Object& object, MetaSelection& selection);
  template <typename Object>
  void object_or_null(const Object* pointer, MetaSelection& selection) {
    pointer == nullptr ? null() : object(*pointer, selection);
  }

  // A list of what `write` writes for each item that `is_listed` accepts.
  template <typename Items, typename IsListed, typename Write>
  void list(const Items& items, const IsListed& is_listed, const Write& write) {
    out_ += '[';
    std::size_t count = 0;
    collector_.spend(2);
    path_.push_back({});
    for (const auto& item : items) {
      if (is_listed(item) && !raised_ && collector_.spend(1)) {
        out_ += count == 0 ? "" : ",";
        path_.back().index = count++;
        write(item);
      }
    }
    path_.pop_back();
    out_ += ']';
  }
  template <typename Items>
  void current_items(const Items& items, MetaField& field) {
    list(
        items,
        [&](const auto& item) { return field.include_deprecated || !item.deprecation_reason; },
        [&](const auto& item) { object(item, field.selection); });
  }
  void types(const std::vector<const NamedType*>& types, MetaField& field) {
    list(
        types, [](const NamedType*) { return true; },
        [&](const NamedType* type) { object(*type->type, field.selection); });
  }

  void raise(const Diagnostic& error);
  // What `write` writes for a nullable value, or null where that raises an error.
  template <typename Write>
  void null_if_raised(const Write& write);
  bool is_raised() const { return raised_.has_value(); }
  // Those that became null, and behind them that which did not.
  PathErrors take_errors();

 private:
  template <typename Object>
  bool prepare(MetaSelection& selection);
  template <typename Object>
  void value(const Object& object, MetaField& field);

  const Schema& schema_;
  MetaCollector& collector_;
  const IntrospectionLimits& limits_;
  std::string& out_;
  std::size_t depth_ = 0;
  Path path_;  // below the root field
  std::optional<PathError> raised_;
  PathErrors errors_;
};

template <typename Write>
void IntrospectionWriter::null_if_raised(const Write& write) {
  const std::size_t start = out_.size();
  write();
  if (raised_) {
    errors_.push_back(*std::exchange(raised_, std::nullopt));
    out_.resize(start);
    null();
  }
}

}  // namespace matricula::graphql
