#include "execution/row_writer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/assert.h"
#include "base/wide_copy.h"
#include "json/writer.h"

namespace matricula::execution {

using graphql::ScalarKind;
using graphql::Type;
using planning::Shape;
using planning::ShapeField;
using planning::Write;

namespace {

tl::unexpected<Error> null_in_non_null(std::string_view field) {
  return fail(ErrorCode::kInternal, "internal error",
              {.internal = fmt::format("null in the non-null field {}", field)});
}

tl::unexpected<Error> bad_json(std::string_view what) {
  return fail(ErrorCode::kInternal, "internal error",
              {.internal = fmt::format("stored JSON is not what it should be: {}", what)});
}

Result<void> element_object(const Shape& shape, simdjson::dom::object members,
                            const ActiveFlags& flags, std::string& out);

// Appends a value of a JSON column as the value of `type`.
Result<void> element(const Type& type, const Shape* shape, simdjson::dom::element element_value,
                     const ActiveFlags& flags, std::string& out) {
  if (element_value.is_null()) {
    if (type.is_non_null()) {
      return null_in_non_null(graphql::type_text(type));
    }
    out += "null";
    return {};
  }
  const Type& inner = type.nullable();
  if (inner.is_list()) {
    simdjson::dom::array array;
    if (element_value.get(array) != simdjson::SUCCESS) {
      return bad_json("a list was expected");
    }
    out += '[';
    bool first = true;
    for (const simdjson::dom::element item : array) {
      if (!first) {
        out += ',';
      }
      first = false;
      MATRICULA_CHECK(element(*inner.inner, shape, item, flags, out));
    }
    out += ']';
    return {};
  }
  if (shape != nullptr) {
    simdjson::dom::object members;
    if (element_value.get(members) != simdjson::SUCCESS) {
      return bad_json("an object was expected");
    }
    return element_object(*shape, members, flags, out);
  }
  if (std::int64_t integer = 0; element_value.get(integer) == simdjson::SUCCESS) {
    if (inner.innermost().scalar == ScalarKind::kTime) {
      json::append_time(out, integer);
    } else {
      json::append_integer(out, integer);
    }
  } else if (double real = 0; element_value.get(real) == simdjson::SUCCESS) {
    json::append_float(out, real);
  } else if (bool flag = false; element_value.get(flag) == simdjson::SUCCESS) {
    json::append_boolean(out, flag);
  } else if (std::string_view text; element_value.get(text) == simdjson::SUCCESS) {
    json::append_string(out, text);
  } else {
    return bad_json("a scalar was expected");
  }
  return {};
}

// Appends an object with the fields of the shape that hold: of each its prefix, and behind that
// what `write_value` appends for it, or the type's name.
template <typename WriteValue>
Result<void> write_object(const Shape& shape, const ActiveFlags& flags, std::string& out,
                          const WriteValue& write_value) {
  out += '{';
  bool first = true;
  for (const ShapeField& field : shape.fields) {
    if (!flags.holds(field.when)) {
      continue;
    }
    if (!first) {
      out += ',';
    }
    first = false;
    out += field.prefix;
    if (field.write == Write::kTypename) {
      out += shape.typename_json;
      continue;
    }
    MATRICULA_CHECK(write_value(field));
  }
  out += '}';
  return {};
}

Result<void> element_object(const Shape& shape, simdjson::dom::object members,
                            const ActiveFlags& flags, std::string& out) {
  return write_object(shape, flags, out, [&](const ShapeField& field) -> Result<void> {
    simdjson::dom::element member;
    if (members.at_key(field.name).get(member) == simdjson::SUCCESS) {
      return element(*field.type, field.child.get(), member, flags, out);
    }
    if (field.type->is_non_null()) {
      return null_in_non_null(field.name);
    }
    out += "null";
    return {};
  });
}

}  // namespace

struct RowWriter::Parser {
  simdjson::dom::parser dom;
};

RowWriter::RowWriter() : parser_(std::make_unique<Parser>()) {}

RowWriter::~RowWriter() = default;

Result<void> RowWriter::object(const Shape& shape, const storage::Rows& rows,
                               const ActiveFlags& flags, std::string_view cursor,
                               std::string& out) {
  return write_object(shape, flags, out, [&](const ShapeField& field) -> Result<void> {
    if (field.write == Write::kCursor) {
      out += cursor;
      return {};
    }
    return field.write == Write::kNode ? object(*field.child, rows, flags, cursor, out)
                                       : value(field, rows, flags, out);
  });
}

namespace {

std::optional<storage::RowProgram::Value> program_value(Write write) {
  using Value = storage::RowProgram::Value;
  switch (write) {
    case Write::kText:
      return Value::kText;
    case Write::kInteger:
      return Value::kInteger;
    case Write::kReal:
      return Value::kReal;
    case Write::kBoolean:
      return Value::kBoolean;
    case Write::kTime:
      return Value::kTime;
    case Write::kUuid:
      return Value::kUuid;
    case Write::kCursor:
      return Value::kCursor;
    case Write::kJson:
    case Write::kTypename:
    case Write::kNode:
      break;
  }
  return std::nullopt;
}

// Appends the object to the program; false where a value is none of a program's.
bool add_object(const Shape& shape, const ActiveFlags& flags, storage::RowProgram& program) {
  program.literals += '{';
  bool first = true;
  for (const ShapeField& field : shape.fields) {
    if (!flags.holds(field.when)) {
      continue;
    }
    program.literals += first ? "" : ",";
    first = false;
    program.literals += field.prefix;
    if (field.write == Write::kTypename) {
      program.literals += shape.typename_json;
    } else if (field.write == Write::kNode) {
      if (!add_object(*field.child, flags, program)) {
        return false;
      }
    } else if (const auto value = program_value(field.write)) {
      program.steps.push_back({.literal_end = static_cast<std::uint32_t>(program.literals.size()),
                               .value = *value,
                               .column = field.column,
                               .is_non_null = field.type->is_non_null()});
    } else {
      return false;
    }
  }
  program.literals += '}';
  return true;
}

}  // namespace

bool RowWriter::compile(const Shape& shape, const ActiveFlags& flags,
                        storage::RowProgram& program) {
  program.literals.clear();
  program.steps.clear();
  const bool is_whole = add_object(shape, flags, program);
  program.literals_size = static_cast<std::uint32_t>(program.literals.size());
  program.literals.append(kSlack, '\0');
  return is_whole;
}

Result<void> RowWriter::value(const ShapeField& field, const storage::Rows& rows,
                              const ActiveFlags& flags, std::string& out) {
  if (rows.is_null(field.column)) {
    if (field.type->is_non_null()) {
      return null_in_non_null(field.name);
    }
    out += "null";
    return {};
  }
  switch (field.write) {
    case Write::kText:
      json::append_string(out, rows.text(field.column));
      return {};
    case Write::kInteger:
      json::append_integer(out, rows.integer(field.column));
      return {};
    case Write::kReal:
      json::append_float(out, rows.real(field.column));
      return {};
    case Write::kBoolean:
      json::append_boolean(out, rows.integer(field.column) != 0);
      return {};
    case Write::kTime:
      json::append_time(out, rows.integer(field.column));
      return {};
    case Write::kUuid:
      json::append_uuid(out, rows.bytes(field.column));
      return {};
    case Write::kJson:
      return json(*field.type, field.child.get(), rows.text(field.column), flags, out);
    case Write::kTypename:
    case Write::kCursor:
    case Write::kNode:
      break;
  }
  MATRICULA_ASSERT(false && "not a column");
  return {};
}

Result<void> RowWriter::json(const Type& type, const Shape* shape, std::string_view text,
                             const ActiveFlags& flags, std::string& out) {
  simdjson::dom::element root;
  if (const auto error = parser_->dom.parse(text.data(), text.size()).get(root)) {
    return bad_json(simdjson::error_message(error));
  }
  return element(type, shape, root, flags, out);
}

}  // namespace matricula::execution
