#pragma once

#include <cstddef>

namespace matricula::records {

// Records of one entity that a writer caches for looking up references, so that memory stays
// bounded.
inline constexpr std::size_t kReferencesMax = 65'536;

}  // namespace matricula::records
