#pragma once

#include <string_view>

#include "base/result.h"

namespace matricula::storage {

// kNotFound where the file of a store that `url` names is empty: what is left of a store that was
// cut short, most likely. open_database() makes a store in it where it may make one. A store on
// PostgreSQL has no file.
Result<void> refuse_empty_file(std::string_view url);

}  // namespace matricula::storage
