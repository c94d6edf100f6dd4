#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "execution/active_flags.h"
#include "planning/plan.h"
#include "storage/database.h"
#include "storage/writable_rows.h"

namespace matricula::execution {

// Writes objects straight from rows and from JSON columns, in the shape that a plan fixed. Reuses
// its parser; allocates nothing per row once warm. One thread at a time.
class RowWriter {
 public:
  RowWriter();
  ~RowWriter();
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  // Appends the object of `shape` from the current row. `cursor` is the row's cursor as JSON, where
  // the shape has a cursor. A null in a field that cannot be null is an error (section 6.4.4).
  Result<void> object(const planning::Shape& shape, const storage::Rows& rows,
                      const ActiveFlags& flags, std::string_view cursor, std::string& out);

  // Appends the value of one field of a shape, which is a column, from the current row.
  Result<void> value(const planning::ShapeField& field, const storage::Rows& rows,
                     const ActiveFlags& flags, std::string& out);

  // The object as a program for rows that run one. False where a value of the shape is JSON text,
  // which is no value of a program.
  static bool compile(const planning::Shape& shape, const ActiveFlags& flags,
                      storage::RowProgram& program);

  // Appends JSON text as the value of `type`, projected through `shape` where the type has fields.
  Result<void> json(const graphql::Type& type, const planning::Shape* shape, std::string_view text,
                    const ActiveFlags& flags, std::string& out);

 private:
  // simdjson's header is large, so that only row_writer.cpp includes it.
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace matricula::execution
