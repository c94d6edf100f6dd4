#include "portal/assets.h"

namespace matricula::portal {

std::span<const Asset> assets() {
  return {};
}

}  // namespace matricula::portal
