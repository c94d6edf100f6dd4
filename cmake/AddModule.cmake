# compile_alone(SOURCE...): unity builds (CMAKE_UNITY_BUILD) do not join these to others of their
# target: they have names in an unnamed namespace, or aliases, that others of it have too, or g++
# sees a fault in the whole that is not there.
function(compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# add_module(NAME SOURCES ... DEPENDS ... [ALONE ...] [TESTS ...] [TEST_DEPENDS ...])
#
# Declares the static library matricula_NAME from an explicit list of sources, and one test program
# NAME_tests from TESTS, registered with CTest as unit.NAME. ALONE: those for compile_alone().
function(add_module name)
  cmake_parse_arguments(module "" "" "SOURCES;TESTS;DEPENDS;TEST_DEPENDS;ALONE" ${ARGN})
  if(module_ALONE)
    compile_alone(${module_ALONE})
  endif()
  add_library(matricula_${name} STATIC ${module_SOURCES})
  target_include_directories(matricula_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(matricula_${name} PUBLIC ${module_DEPENDS})
  if(MATRICULA_TESTS AND module_TESTS)
    add_executable(${name}_tests ${module_TESTS})
    target_link_libraries(${name}_tests PRIVATE matricula_${name} ${module_TEST_DEPENDS}
                          GTest::gmock GTest::gtest_main)
    add_test(NAME unit.${name} COMMAND ${name}_tests WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
