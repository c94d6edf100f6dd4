#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "tests/tidy/sources.h"

namespace matricula::tidy {
namespace {

using Layers = std::map<std::string, std::set<std::string>, std::less<>>;

// The lines of src/LAYERS from first to last: a module or chapter, and what it may include.
std::vector<Layers::value_type> read_lines() {
  std::vector<Layers::value_type> layers;
  for (const SourceFile& file : source_files()) {
    if (file.path != "src/LAYERS") {
      continue;
    }
    for (const std::string& line : file.lines) {
      const std::size_t colon = line.find(':');
      if (line.empty() || line.front() == '#' || colon == std::string::npos) {
        continue;
      }
      std::set<std::string>& allowed =
          layers.emplace_back(line.substr(0, colon), std::set<std::string>()).second;
      std::istringstream words(line.substr(colon + 1));
      for (std::string word; words >> word;) {
        allowed.insert(word);
      }
    }
  }
  return layers;
}

Layers read_layers() {
  const auto lines = read_lines();
  return {lines.begin(), lines.end()};
}

// "src/json/reader.cpp" belongs to json, "domains/catalog/domain.cpp" to domains.
std::optional<std::string> module_of(std::string_view path) {
  if (path.starts_with("domains/")) {
    return "domains";
  }
  if (!path.starts_with("src/")) {
    return std::nullopt;
  }
  path.remove_prefix(4);
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::nullopt
                                         : std::optional(std::string(path.substr(0, slash)));
}

std::optional<std::string> included_path(std::string_view line) {
  constexpr std::string_view kStart = "#include \"";
  if (!line.starts_with(kStart)) {
    return std::nullopt;
  }
  line.remove_prefix(kStart.size());
  return std::string(line.substr(0, line.find('"')));
}

// Headers are named from src/, those of domains/ from the root.
std::optional<std::string> module_of_include(std::string_view path, const Layers& layers) {
  const std::string first(path.substr(0, path.find('/')));
  return layers.contains(first) ? std::optional(first) : std::nullopt;
}

TEST(Layers, EveryIncludeBetweenModulesIsAnAllowedEdge) {
  const Layers layers = read_layers();
  ASSERT_FALSE(layers.empty());
  for (const SourceFile& file : source_files()) {
    const auto from = module_of(file.path);
    // A test may reach up for what it is tested with.
    if (!from || !has_extension(file.path, {".cpp", ".h"}) || file.path.ends_with("_test.cpp")) {
      continue;
    }
    const auto allowed = layers.find(*from);
    ASSERT_NE(allowed, layers.end())
        << file.path << ": module " << *from << " is not in src/LAYERS";
    for (const std::string& line : file.lines) {
      const auto path = included_path(line);
      const auto to = path ? module_of_include(*path, layers) : std::nullopt;
      if (to && *to != *from && *to != "base") {
        EXPECT_TRUE(allowed->second.contains(*to)) << file.path << ": " << line << "\n"
                                                   << *from << " may not include " << *to;
      }
    }
  }
}

// The folder of a module with chapters that a path from src/ belongs to: "auth/trail" of
// "auth/trail/audit.h". Nothing for other modules and for the files beside the folders.
std::optional<std::string> chapter_of(std::string_view path, const Layers& layers) {
  const std::string folder = folder_of(path);
  return layers.contains(folder) && folder.find('/') != std::string::npos ? std::optional(folder)
                                                                          : std::nullopt;
}

TEST(Layers, EveryIncludeBetweenChaptersIsAnAllowedEdge) {
  const Layers layers = read_layers();
  for (const SourceFile& file : source_files()) {
    const auto from =
        file.path.starts_with("src/") ? chapter_of(file.path.substr(4), layers) : std::nullopt;
    if (!from || file.path.ends_with("_test.cpp")) {
      continue;
    }
    const std::string module = from->substr(0, from->find('/'));
    for (const std::string& line : file.lines) {
      const auto path = included_path(line);
      const auto to = path ? chapter_of(*path, layers) : std::nullopt;
      if (to && *to != *from && to->starts_with(module + "/")) {
        EXPECT_TRUE(layers.at(*from).contains(to->substr(module.size() + 1)))
            << file.path << ": " << line << "\n"
            << *from << " may not include " << *to;
      }
    }
  }
}

TEST(Layers, EveryEdgeIsUsed) {
  const Layers layers = read_layers();
  Layers used;
  for (const SourceFile& file : source_files()) {
    const auto from = module_of(file.path);
    const auto chapter =
        file.path.starts_with("src/") ? chapter_of(file.path.substr(4), layers) : std::nullopt;
    for (const std::string& line : file.lines) {
      const auto path = from ? included_path(line) : std::nullopt;
      const auto to = path ? module_of_include(*path, layers) : std::nullopt;
      const auto to_chapter = path ? chapter_of(*path, layers) : std::nullopt;
      if (to) {
        used[*from].insert(*to);
      }
      if (chapter && to_chapter && to_chapter->starts_with(*from + "/")) {
        used[*chapter].insert(to_chapter->substr(from->size() + 1));
      }
    }
  }
  for (const auto& [module, allowed] : layers) {
    for (const std::string& other : allowed) {
      EXPECT_TRUE(used[module].contains(other) || other == "base")
          << "src/LAYERS lets " << module << " include " << other << ", and it does not";
    }
  }
}

// So there is no circle, of however many modules.
TEST(Layers, EveryEdgeLeadsToAnEarlierLine) {
  std::set<std::string> earlier;
  for (const auto& [module, allowed] : read_lines()) {
    const std::string above = module.substr(0, module.rfind('/') + 1);
    for (const std::string& name : allowed) {
      EXPECT_TRUE(earlier.contains(above + name))
          << module << " names " << above + name << ", which has no line above it";
    }
    EXPECT_TRUE(earlier.insert(module).second) << module << " has two lines";
  }
}

TEST(Layers, IncludesNameTheirFileFromTheIncludeRoot) {
  for (const SourceFile& file : source_files()) {
    for (const std::string& line : file.lines) {
      if (const auto path = included_path(line); path && has_extension(file.path, {".cpp", ".h"})) {
        EXPECT_TRUE(path->find('/') != std::string::npos && !path->starts_with("."))
            << file.path << ": " << line;
      }
    }
  }
}

}  // namespace
}  // namespace matricula::tidy
