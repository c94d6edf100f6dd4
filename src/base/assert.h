#pragma once

namespace matricula {

// Prints the failed condition and its place to standard error and ends the process. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace matricula

// States what only a mistake of ours can break; on in every build.
#define MATRICULA_ASSERT(condition)   \
  ((condition) ? static_cast<void>(0) \
               : ::matricula::assertion_failed(#condition, __FILE__, __LINE__))
