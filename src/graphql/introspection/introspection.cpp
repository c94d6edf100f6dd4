#include "graphql/introspection/introspection.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "base/escape.h"
#include "graphql/introspection/introspection_writer.h"
#include "graphql/introspection/meta_selection.h"
#include "graphql/language/printer.h"

namespace matricula::graphql {

namespace {

using Writer = IntrospectionWriter;

// One field of an introspection type: how its value is written.
template <typename Object>
struct MetaWriter {
  std::string_view name;
  void (*write)(Writer&, const Object&, MetaField&);
};

constexpr std::size_t kTypenameWriter = SIZE_MAX;

std::string_view kind_text(const Type& type) {
  if (type.wrapper != Type::Wrapper::kNone) {
    return type.is_list() ? "LIST" : "NON_NULL";
  }
  switch (type.named->kind) {
    case TypeKind::kScalar:
      return "SCALAR";
    case TypeKind::kObject:
      return "OBJECT";
    case TypeKind::kInterface:
      return "INTERFACE";
    case TypeKind::kUnion:
      return "UNION";
    case TypeKind::kEnum:
      return "ENUM";
    case TypeKind::kInputObject:
      return "INPUT_OBJECT";
  }
  return {};
}

// The named type, if it is of one of the kinds.
const NamedType* of_kind(const Type& type, std::initializer_list<TypeKind> kinds) {
  return type.named != nullptr &&
                 std::find(kinds.begin(), kinds.end(), type.named->kind) != kinds.end()
             ? type.named
             : nullptr;
}

// Every introspection type: its name and its fields (GraphQL, section 4.2).
template <typename Object>
struct MetaType;

template <>
struct MetaType<EnumValue> {
  static constexpr std::string_view kName = "__EnumValue";
  static constexpr MetaWriter<EnumValue> kFields[] = {
      {"name", [](Writer& w, const EnumValue& v, MetaField&) { w.text(v.name); }},
      {"description",
       [](Writer& w, const EnumValue& v, MetaField&) { w.text_or_null(v.description); }},
      {"isDeprecated", [](Writer& w, const EnumValue& v,
                          MetaField&) { w.boolean(v.deprecation_reason.has_value()); }},
      {"deprecationReason",
       [](Writer& w, const EnumValue& v, MetaField&) { w.text_or_null(v.deprecation_reason); }},
  };
};

template <>
struct MetaType<InputValue> {
  static constexpr std::string_view kName = "__InputValue";
  static constexpr MetaWriter<InputValue> kFields[] = {
      {"name", [](Writer& w, const InputValue& v, MetaField&) { w.text(v.name); }},
      {"description",
       [](Writer& w, const InputValue& v, MetaField&) { w.text_or_null(v.description); }},
      {"type",
       [](Writer& w, const InputValue& v, MetaField& f) { w.object(*v.type, f.selection); }},
      {"defaultValue",
       [](Writer& w, const InputValue& v, MetaField&) {
         v.default_value == nullptr ? w.null() : w.text(print(*v.default_value));
       }},
      {"isDeprecated", [](Writer& w, const InputValue& v,
                          MetaField&) { w.boolean(v.deprecation_reason.has_value()); }},
      {"deprecationReason",
       [](Writer& w, const InputValue& v, MetaField&) { w.text_or_null(v.deprecation_reason); }},
  };
};

template <>
struct MetaType<Field> {
  static constexpr std::string_view kName = "__Field";
  static constexpr MetaWriter<Field> kFields[] = {
      {"name", [](Writer& w, const Field& v, MetaField&) { w.text(v.name); }},
      {"description", [](Writer& w, const Field& v, MetaField&) { w.text_or_null(v.description); }},
      {"args", [](Writer& w, const Field& v, MetaField& f) { w.current_items(v.arguments, f); }},
      {"type", [](Writer& w, const Field& v, MetaField& f) { w.object(*v.type, f.selection); }},
      {"isDeprecated",
       [](Writer& w, const Field& v, MetaField&) { w.boolean(v.deprecation_reason.has_value()); }},
      {"deprecationReason",
       [](Writer& w, const Field& v, MetaField&) { w.text_or_null(v.deprecation_reason); }},
  };
};

template <>
struct MetaType<DirectiveType> {
  static constexpr std::string_view kName = "__Directive";
  static constexpr MetaWriter<DirectiveType> kFields[] = {
      {"name", [](Writer& w, const DirectiveType& v, MetaField&) { w.text(v.name); }},
      {"description",
       [](Writer& w, const DirectiveType& v, MetaField&) { w.text_or_null(v.description); }},
      {"isRepeatable",
       [](Writer& w, const DirectiveType& v, MetaField&) { w.boolean(v.repeatable); }},
      {"locations",
       [](Writer& w, const DirectiveType& v, MetaField&) {
         w.list(
             v.locations, [](std::string_view) { return true; },
             [&](std::string_view location) { w.text(location); });
       }},
      {"args",
       [](Writer& w, const DirectiveType& v, MetaField& f) { w.current_items(v.arguments, f); }},
      {"isDeprecated", [](Writer& w, const DirectiveType& v,
                          MetaField&) { w.boolean(v.deprecation_reason.has_value()); }},
      {"deprecationReason",
       [](Writer& w, const DirectiveType& v, MetaField&) { w.text_or_null(v.deprecation_reason); }},
  };
};

template <>
struct MetaType<Type> {
  static constexpr std::string_view kName = "__Type";
  static constexpr MetaWriter<Type> kFields[] = {
      {"kind", [](Writer& w, const Type& t, MetaField&) { w.text(kind_text(t)); }},
      {"name", [](Writer& w, const Type& t,
                  MetaField&) { t.named == nullptr ? w.null() : w.text(t.named->name); }},
      {"description",
       [](Writer& w, const Type& t, MetaField&) {
         t.named == nullptr ? w.null() : w.text_or_null(t.named->description);
       }},
      {"specifiedByURL",
       [](Writer& w, const Type& t, MetaField&) {
         t.named == nullptr ? w.null() : w.text_or_null(t.named->specified_by_url);
       }},
      {"fields",
       [](Writer& w, const Type& t, MetaField& f) {
         const NamedType* const type = of_kind(t, {TypeKind::kObject, TypeKind::kInterface});
         type == nullptr ? w.null() : w.current_items(type->fields, f);
       }},
      {"interfaces",
       [](Writer& w, const Type& t, MetaField& f) {
         const NamedType* const type = of_kind(t, {TypeKind::kObject, TypeKind::kInterface});
         type == nullptr ? w.null() : w.types(type->interfaces, f);
       }},
      {"possibleTypes",
       [](Writer& w, const Type& t, MetaField& f) {
         const NamedType* const type = of_kind(t, {TypeKind::kUnion, TypeKind::kInterface});
         type == nullptr ? w.null() : w.types(type->possible_types, f);
       }},
      {"enumValues",
       [](Writer& w, const Type& t, MetaField& f) {
         const NamedType* const type = of_kind(t, {TypeKind::kEnum});
         type == nullptr ? w.null() : w.current_items(type->enum_values, f);
       }},
      {"inputFields",
       [](Writer& w, const Type& t, MetaField& f) {
         const NamedType* const type = of_kind(t, {TypeKind::kInputObject});
         type == nullptr ? w.null() : w.current_items(type->input_fields, f);
       }},
      {"ofType",
       [](Writer& w, const Type& t, MetaField& f) { w.object_or_null(t.inner, f.selection); }},
      {"isOneOf",
       [](Writer& w, const Type& t, MetaField&) {
         const NamedType* const type = of_kind(t, {TypeKind::kInputObject});
         type == nullptr ? w.null() : w.boolean(type->is_one_of);
       }},
  };
};

const Type* type_of(const NamedType* named) {
  return named == nullptr ? nullptr : named->type;
}

template <>
struct MetaType<Schema> {
  static constexpr std::string_view kName = "__Schema";
  static constexpr MetaWriter<Schema> kFields[] = {
      {"description",
       [](Writer& w, const Schema& s, MetaField&) { w.text_or_null(s.description()); }},
      {"types", [](Writer& w, const Schema& s, MetaField& f) { w.types(s.types(), f); }},
      {"queryType", [](Writer& w, const Schema& s,
                       MetaField& f) { w.object_or_null(type_of(s.query()), f.selection); }},
      {"mutationType", [](Writer& w, const Schema& s,
                          MetaField& f) { w.object_or_null(type_of(s.mutation()), f.selection); }},
      {"subscriptionType",
       [](Writer& w, const Schema& s, MetaField& f) {
         w.object_or_null(type_of(s.subscription()), f.selection);
       }},
      {"directives",
       [](Writer& w, const Schema& s, MetaField& f) { w.current_items(s.directives(), f); }},
  };
};

void write_type_field(const Schema& schema, Writer& writer, const MetaCollector& collector,
                      const Selection& field, MetaSelection& selection) {
  MATRICULA_ASSERT(!field.arguments.empty());
  writer.null_if_raised([&] {
    const auto name = collector.string_argument(field.arguments[0], "<meta>.__type(name:)");
    name ? writer.object_or_null(type_of(schema.type(*name)), selection)
         : writer.raise(name.error());
  });
}

}  // namespace

// Collects the selection the first time, and finds the writer of each of its fields.
template <typename Object>
bool IntrospectionWriter::prepare(MetaSelection& selection) {
  const bool is_new = !selection.collected;
  if (!collector_.collect(selection, MetaType<Object>::kName)) {
    return false;
  }
  if (is_new) {
    const auto& writers = MetaType<Object>::kFields;
    for (MetaField& field : selection.fields) {
      const auto* const found =
          std::find_if(std::begin(writers), std::end(writers),
                       [&](const auto& writer) { return writer.name == field.name; });
      MATRICULA_ASSERT(found != std::end(writers) || field.name == "__typename");
      if (found == std::end(writers)) {
        field.writer = kTypenameWriter;
        continue;
      }
      field.writer = static_cast<std::size_t>(found - std::begin(writers));
      const NamedType& type = *schema_.type(MetaType<Object>::kName);
      field.is_non_null = schema_.field(type, field.name)->type->is_non_null();
    }
  }
  return true;
}

template <typename Object>
void IntrospectionWriter::object(const Object& object, MetaSelection& selection) {
  if (depth_ >= limits_.depth) {
    collector_.fail({.code = ErrorCode::kLimitExceeded,
                     .message = fmt::format("Introspection nests deeper than {} objects, the limit "
                                            "\"nesting\" of this server.",
                                            limits_.depth),
                     .locations = {}});
  }
  if (!collector_.spend(2) || !prepare<Object>(selection)) {
    return;
  }
  if (selection.refused) {
    raise(*selection.refused);
    return;
  }
  ++depth_;
  char separator = '{';
  for (MetaField& field : selection.fields) {
    const std::size_t start = out_.size();
    out_ += separator;
    separator = ',';
    append_json_string(out_, field.response_key);
    out_ += ':';
    // What a field's own objects take is paid by their fields.
    const bool is_paid = collector_.spend(out_.size() - start);
    if (!is_paid) {
      break;
    }
    if (field.writer == kTypenameWriter) {
      text(MetaType<Object>::kName);
    } else {
      const std::size_t value_start = out_.size();
      value(object, field);
      if (raised_ ||
          (field.selection.parents.empty() && !collector_.spend(out_.size() - value_start))) {
        break;
      }
    }
  }
  out_ += separator == '{' ? "{}" : "}";
  --depth_;
}

// Only a field with selections or arguments can raise an error.
template <typename Object>
void IntrospectionWriter::value(const Object& object, MetaField& field) {
  const auto write = MetaType<Object>::kFields[field.writer].write;
  if (field.selection.parents.empty()) {
    write(*this, object, field);
    return;
  }
  path_.push_back({.name = field.response_key});
  const auto write_or_raise = [&] {
    field.refused ? raise(*field.refused) : write(*this, object, field);
  };
  field.is_non_null ? write_or_raise() : null_if_raised(write_or_raise);
  path_.pop_back();
}

tl::expected<PathErrors, PathErrors> write_introspection(
    const Schema& schema, const Document& document, std::span<const Selection* const> fields,
    const Variables& variables, const IntrospectionLimits& limits, std::string& out) {
  MATRICULA_ASSERT(!fields.empty());
  MetaCollector collector(document, variables, limits.bytes);
  Writer writer(schema, collector, limits, out);
  MetaSelection selection({fields.begin(), fields.end()});
  const Selection& first = *fields.front();
  if (first.name.value == "__schema") {
    writer.object(schema, selection);
  } else {
    write_type_field(schema, writer, collector, first, selection);
  }
  if (collector.error()) {
    Diagnostic error = *collector.error();
    error.locations = {location_at(document.source(), first.offset)};
    return tl::unexpected(PathErrors{{.diagnostic = std::move(error)}});
  }
  if (writer.is_raised()) {
    return tl::unexpected(writer.take_errors());
  }
  return writer.take_errors();
}

}  // namespace matricula::graphql
