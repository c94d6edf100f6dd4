#pragma once

#include <fmt/format.h>
#include <string>

#include "base/error.h"

namespace matricula::exchange {

// The error with the path of the file in front of its message: the store's messages do not name it.
inline Error with_path(Error error, const std::string& path) {
  if (!error.message.starts_with(path)) {
    error.message = fmt::format("{}: {} Nothing of this file was kept.", path, error.message);
  }
  return error;
}

}  // namespace matricula::exchange
