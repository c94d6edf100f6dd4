#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"

namespace matricula::bench {

// The store of the benchmarks that need a large one: a single company, so that depth 1,000,000
// exists in it. Made in `directory` where it is not there, with so many learners.
void make_store(const std::filesystem::path& directory, const std::string& store,
                const std::string& learners);

struct Access {
  std::string company;
  std::string token;
};

// The company of the store with most progress, and a new token for it.
Access make_access(const std::string& store, const Clock& clock);

}  // namespace matricula::bench
