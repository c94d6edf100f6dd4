# add_fuzz(NAME SOURCES ... DEPENDS ...)
#
# Declares a fuzz target around LLVMFuzzerTestOneInput(). With MATRICULA_FUZZ it is NAME_fuzz, built
# with libFuzzer; else NAME_replay, which runs over tests/fuzz/corpus/NAME as the test fuzz.NAME, so
# that every input that once broke something is tried again in each run of the tests.
add_custom_target(fuzz_targets)
function(add_fuzz name)
  cmake_parse_arguments(fuzz "" "" "SOURCES;DEPENDS" ${ARGN})
  if(MATRICULA_FUZZ)
    add_executable(${name}_fuzz ${fuzz_SOURCES})
    target_link_libraries(${name}_fuzz PRIVATE ${fuzz_DEPENDS})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz_targets ${name}_fuzz)
  elseif(MATRICULA_TESTS)
    add_executable(${name}_replay ${fuzz_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp)
    target_link_libraries(${name}_replay PRIVATE ${fuzz_DEPENDS})
    add_test(NAME fuzz.${name}
             COMMAND ${name}_replay ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  endif()
endfunction()
