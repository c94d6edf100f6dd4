#pragma once

#include <cstddef>
#include <deque>
#include <mutex>

#include "graphql/schema/schema.h"

namespace matricula::graphql {

// Holds every Type of a schema once. What is made before freeze() is linked to the type it wraps
// and found without a lock; what documents ask for later is kept up to kLateTypesMax types.
class TypeTable {
 public:
  static constexpr std::size_t kLateTypesMax = 1024;

  // The type of a named type, and with it the wrappers of up to two lists around it.
  // Before freeze() only.
  const Type* add(const NamedType& named);
  void freeze() { frozen_ = true; }

  // The list or the non-null type of `inner`; null once too many were asked for. Any thread may
  // call it after freeze(). Precondition: kNonNull wraps no kNonNull.
  const Type* wrapped(const Type& inner, Type::Wrapper wrapper);

 private:
  const Type* late(const Type& inner, Type::Wrapper wrapper);

  std::deque<Type> types_;
  bool frozen_ = false;
  std::mutex mutex_;  // guards what follows
  std::deque<Type> late_types_;
};

}  // namespace matricula::graphql
