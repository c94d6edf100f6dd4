# precompile(TARGET SET): with MATRICULA_PRECOMPILE the target uses headers that are read once for
# all: of the set `library`, or of the set `test`, which has those of GoogleTest too.
#
# Reading headers is three quarters of what compiling one of our files takes; these are the ones
# that most files include. It hides a missing #include: release builds and `./dev lint` read every
# header, and find that.
if(MATRICULA_PRECOMPILE)
  set(headers <algorithm> <array> <atomic> <charconv> <chrono>
      <functional> <map> <memory> <mutex> <optional> <span> <string>
      <string_view> <thread> <unordered_map> <utility> <variant> <vector>
      <fmt/format.h> <tl/expected.hpp>)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "int main() {}\n")
  # Of the kinds of those that use them: what is precompiled for a library does not fit a program.
  add_library(matricula_precompiled_library OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  add_executable(matricula_precompiled_test ${CMAKE_BINARY_DIR}/precompiled.cpp)
  foreach(set library test)
    target_link_libraries(matricula_precompiled_${set} PRIVATE fmt::fmt tl::expected)
    target_precompile_headers(matricula_precompiled_${set} PRIVATE ${headers})
  endforeach()
  target_link_libraries(matricula_precompiled_test PRIVATE GTest::gmock)
  target_precompile_headers(matricula_precompiled_test PRIVATE <gtest/gtest.h>)
endif()
function(precompile target set)
  if(MATRICULA_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM matricula_precompiled_${set})
  endif()
endfunction()
