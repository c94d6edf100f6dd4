# Compiler settings that hold for every target, and the packages they link to.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(MATRICULA_CCACHE ccache)
if(MATRICULA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MATRICULA_CCACHE})
endif()

option(MATRICULA_TESTS "Build the tests" ON)
set(MATRICULA_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined or thread")

# The linkers that are quicker than the default one, where they are there.
if(NOT MATRICULA_SANITIZE)
  find_program(MATRICULA_MOLD mold)
  if(MATRICULA_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
                    -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlaps in "literal" + std::string that are not there (GCC bug 105651).
  add_compile_options(-Wno-restrict)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)
# Lines and functions are enough to read a backtrace, and build in half the time of full debugging.
set(CMAKE_CXX_FLAGS_DEBUG "-g1 -O0")
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection -fcf-protection)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
# Assertions are on in every build: NDEBUG is never defined.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
if(MATRICULA_SANITIZE)
  add_compile_options(-fsanitize=${MATRICULA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MATRICULA_SANITIZE})
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(OpenSSL REQUIRED)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
if(MATRICULA_TESTS)
  find_package(GTest REQUIRED)
endif()
