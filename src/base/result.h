#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace matricula {

// A value, or the Error that is in its place. It cannot be ignored: dropping one does not
// compile. A class and not an alias, because an alias cannot carry [[nodiscard]].
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

// What fail() returns and any Result takes. `extra` holds what only the log may see.
struct FailureDetail {
  std::string internal = {};
};

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, FailureDetail detail = {}) {
  return tl::unexpected<Error>(
      Error{.code = code, .message = std::move(message), .internal = std::move(detail.internal)});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace matricula

#define MATRICULA_CONCAT_INNER(a, b) a##b
#define MATRICULA_CONCAT(a, b) MATRICULA_CONCAT_INNER(a, b)
#define MATRICULA_TRY_INNER(name, declaration, ...)   \
  auto name = (__VA_ARGS__);                          \
  if (!name) {                                        \
    return ::tl::unexpected(std::move(name).error()); \
  }                                                   \
  declaration = std::move(*name)

// MATRICULA_TRY(User user, find_user(id)); declares `user`, or returns the error from the function.
#define MATRICULA_TRY(declaration, ...) \
  MATRICULA_TRY_INNER(MATRICULA_CONCAT(result_, __LINE__), declaration, __VA_ARGS__)

// MATRICULA_CHECK(store.close()); returns the error of a Result<void>, if there is one.
#define MATRICULA_CHECK(...)                               \
  do {                                                     \
    if (auto checked = (__VA_ARGS__); !checked) {          \
      return ::tl::unexpected(std::move(checked).error()); \
    }                                                      \
  } while (false)
