#pragma once

#include <exception>

#include "storage/postgres/connection.h"

namespace matricula::storage::postgres {

// For a scope that sends and receives: drops the connection where an exception leaves it. Answers
// that were not received then would be taken for those of the next statements.
class DropOnUnwind {
 public:
  explicit DropOnUnwind(Connection& connection) : connection_(connection) {}
  ~DropOnUnwind() {
    if (std::uncaught_exceptions() > exceptions_) {
      connection_.drop();
    }
  }
  DropOnUnwind(const DropOnUnwind&) = delete;
  DropOnUnwind& operator=(const DropOnUnwind&) = delete;

 private:
  Connection& connection_;
  const int exceptions_ = std::uncaught_exceptions();
};

}  // namespace matricula::storage::postgres
