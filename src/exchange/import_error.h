#pragma once

#include <fmt/format.h>
#include <string>

#include "base/error.h"

namespace matricula::exchange {

// The same error, of a file: the store's messages do not name it.
inline Error with_path(Error error, const std::string& path) {
  if (error.message.find(path) == std::string::npos) {
    error.message = fmt::format("{}: {} Nothing of this file was kept.", path, error.message);
  }
  return error;
}

}  // namespace matricula::exchange
