#include "exchange/import_files.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "base/text.h"

namespace matricula::exchange {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEndings[] = {".ndjson", ".ndjson.gz", ".ndjson.zst"};

// The entity that the file name means, whatever its ending; null for none.
const records::Entity* entity_meant(std::string_view file_name) {
  return records::find_entity(to_lower(file_name.substr(0, file_name.find('.'))));
}

// The file name without its ending; empty for another kind of file.
std::string_view stem_of(std::string_view file_name) {
  for (const std::string_view ending : kEndings) {
    if (file_name.ends_with(ending)) {
      return file_name.substr(0, file_name.size() - ending.size());
    }
  }
  return {};
}

bool has_ending(std::string_view file_name) {
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [file_name](std::string_view ending) { return file_name.ends_with(ending); });
}

std::string known_names() {
  std::string names;
  for (const records::Entity& entity : records::entities()) {
    names += fmt::format("{}{}.ndjson", names.empty() ? "" : ", ", entity.name);
  }
  return names + "; each may end in .gz or .zst as well";
}

tl::unexpected<Error> unknown_name(const std::string& path) {
  return fail(
      ErrorCode::kBadUserInput,
      fmt::format("{} is not the name of an import file. Known names: {}.", path, known_names()));
}

tl::unexpected<Error> unreadable(const std::string& path, const std::error_code& code) {
  return fail(code == std::errc::no_such_file_or_directory ? ErrorCode::kNotFound : ErrorCode::kIo,
              fmt::format("{} cannot be read: {}.", path, code.message()));
}

Result<void> add_directory(const std::string& directory, std::vector<ImportFile>& files) {
  std::error_code code;
  std::vector<ImportFile> found;
  std::vector<ImportFile> passed_over;
  for (fs::directory_iterator entry(directory, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    // Hidden files are those of a desktop system, such as ._users.ndjson.
    if (name.starts_with('.')) {
      continue;
    }
    const std::string path = (fs::path(directory) / name).string();
    if (!has_ending(name)) {
      if (entry->is_regular_file(code) && is_utf8(name)) {
        passed_over.push_back({path, entity_meant(name)});
      }
      continue;
    }
    const records::Entity* const entity = entity_of_file(name);
    if (entity == nullptr) {
      return unknown_name(path);
    }
    for (const ImportFile& other : found) {
      if (other.entity == entity) {
        return fail(ErrorCode::kBadUserInput,
                    fmt::format("{} and {} hold the same kind of record. Keep one of them in the "
                                "directory.",
                                std::min(path, other.path), std::max(path, other.path)));
      }
    }
    found.push_back({path, entity});
  }
  if (code) {
    return unreadable(directory, code);
  }
  // Such as users.jsonl: without an error its rows would be missing silently. Beside users.ndjson
  // it is taken for another form of that.
  for (const ImportFile& file : passed_over) {
    if (file.entity != nullptr &&
        std::ranges::find(found, file.entity, &ImportFile::entity) == found.end()) {
      return unknown_name(file.path);
    }
  }
  if (found.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("The directory {} holds no import file. Known names: {}.", directory,
                            known_names()));
  }
  files.insert(files.end(), found.begin(), found.end());
  return {};
}

}  // namespace

std::span<const std::string_view> import_endings() {
  return kEndings;
}

const records::Entity* entity_of_file(std::string_view file_name) {
  return records::find_entity(stem_of(file_name));
}

Result<std::vector<ImportFile>> find_import_files(std::span<const std::string> paths) {
  std::vector<ImportFile> files;
  for (const std::string& path : paths) {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (!fs::exists(status)) {
      return unreadable(path,
                        code ? code : std::make_error_code(std::errc::no_such_file_or_directory));
    }
    if (fs::is_directory(status)) {
      MATRICULA_CHECK(add_directory(path, files));
      continue;
    }
    const records::Entity* const entity = entity_of_file(fs::path(path).filename().string());
    if (entity == nullptr) {
      return unknown_name(path);
    }
    files.push_back({path, entity});
  }
  std::stable_sort(files.begin(), files.end(), [](const ImportFile& a, const ImportFile& b) {
    return a.entity->id < b.entity->id;
  });
  return files;
}

}  // namespace matricula::exchange
