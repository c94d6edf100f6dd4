#include "graphql/schema/type_table.h"

#include <algorithm>

#include "base/assert.h"

namespace matricula::graphql {

namespace {

constexpr int kListsAtFirst = 2;

}  // namespace

const Type* TypeTable::add(const NamedType& named) {
  MATRICULA_ASSERT(!frozen_);
  const Type* const type = &types_.emplace_back(Type{.named = &named});
  std::deque<const Type*> open{type};
  for (int lists = 0; lists <= kListsAtFirst; ++lists) {
    std::deque<const Type*> next;
    for (const Type* const inner : open) {
      const Type* const non_null = wrapped(*inner, Type::Wrapper::kNonNull);
      if (lists < kListsAtFirst) {
        next.push_back(wrapped(*inner, Type::Wrapper::kList));
        next.push_back(wrapped(*non_null, Type::Wrapper::kList));
      }
    }
    open = std::move(next);
  }
  return type;
}

const Type* TypeTable::wrapped(const Type& inner, Type::Wrapper wrapper) {
  MATRICULA_ASSERT(wrapper == Type::Wrapper::kList || !inner.is_non_null());
  const Type* const known =
      wrapper == Type::Wrapper::kList ? inner.list_of_this : inner.non_null_of_this;
  if (known != nullptr) {
    return known;
  }
  if (frozen_) {
    return late(inner, wrapper);
  }
  const Type* const made = &types_.emplace_back(Type{.wrapper = wrapper, .inner = &inner});
  // Every Type lives in types_, which is ours to change until it is frozen.
  Type& mutable_inner = const_cast<Type&>(inner);
  (wrapper == Type::Wrapper::kList ? mutable_inner.list_of_this : mutable_inner.non_null_of_this) =
      made;
  return made;
}

const Type* TypeTable::late(const Type& inner, Type::Wrapper wrapper) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::find_if(late_types_.begin(), late_types_.end(), [&](const Type& type) {
    return type.inner == &inner && type.wrapper == wrapper;
  });
  if (found != late_types_.end()) {
    return &*found;
  }
  if (late_types_.size() >= kLateTypesMax) {
    return nullptr;
  }
  return &late_types_.emplace_back(Type{.wrapper = wrapper, .inner = &inner});
}

}  // namespace matricula::graphql
