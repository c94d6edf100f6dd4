#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::tidy {

// One text file of the tree. The path is relative to the root and uses '/'.
struct SourceFile {
  std::string path;
  std::vector<std::string> lines;
};

// All text files of the tree that people write, sorted by path: no hidden folders, no build
// products, no test corpora. Precondition: the working directory is the root.
const std::vector<SourceFile>& source_files();

bool has_extension(std::string_view path, std::initializer_list<std::string_view> extensions);

// Everything before the last '/', "." where there is none.
std::string folder_of(std::string_view path);

}  // namespace matricula::tidy
