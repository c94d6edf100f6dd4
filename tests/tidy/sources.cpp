#include "tests/tidy/sources.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace matricula::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kSkippedFolders = {"node_modules", "corpus", "dist",
                                                             "vendor"};
constexpr std::array<std::string_view, 3> kSkippedFiles = {"LICENSE", "package-lock.json",
                                                           "packages.txt"};

template <typename List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::vector<std::string> read_lines(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(std::move(line));
  }
  return lines;
}

bool is_text(const fs::path& path) {
  return has_extension(path.string(),
                       {".cpp", ".h", ".cmake", ".txt", ".md", ".graphql", ".ts", ".tsx", ".js",
                        ".mjs", ".json", ".toml", ".sh", ".html", ".css", ".case"}) ||
         path.filename() == "dev" || path.filename() == "LAYERS";
}

std::vector<SourceFile> read_tree() {
  std::vector<SourceFile> files;
  fs::recursive_directory_iterator walk(".");
  for (const auto& entry : walk) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory()) {
      if (name.starts_with(".") || contains(kSkippedFolders, name) ||
          (name == "build" && walk.depth() == 0)) {
        walk.disable_recursion_pending();
      }
      continue;
    }
    if (entry.is_regular_file() && is_text(entry.path()) && !contains(kSkippedFiles, name)) {
      files.push_back({.path = entry.path().lexically_normal().generic_string(),
                       .lines = read_lines(entry.path())});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

const std::vector<SourceFile>& source_files() {
  static const std::vector<SourceFile> kFiles = read_tree();
  return kFiles;
}

bool has_extension(std::string_view path, std::initializer_list<std::string_view> extensions) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](std::string_view extension) { return path.ends_with(extension); });
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

}  // namespace matricula::tidy
