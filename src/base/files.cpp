#include "base/files.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace matricula {
namespace {

// The name is taken by an empty file of ours, which nothing but a rename then replaces.
bool publish_over_placeholder(const std::string& from, const std::string& to) {
  const int placeholder = open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (placeholder < 0) {
    return false;
  }
  close(placeholder);
  if (rename(from.c_str(), to.c_str()) == 0) {
    return true;
  }
  const int cause = errno;
  unlink(to.c_str());
  errno = cause;
  return false;
}

bool is_unknown_call(int code) {
  return code == ENOSYS || code == ENOTSUP || code == EOPNOTSUPP;
}

bool sync_path(const std::string& path, int open_flags) {
  const int descriptor = open(path.c_str(), open_flags | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool is_synced = fsync(descriptor) == 0;
  const int cause = errno;
  close(descriptor);
  errno = cause;
  return is_synced;
}

// Whether a name may end in what mkostemps() made of the pattern.
bool ends_as(std::string_view name, std::string_view pattern) {
  constexpr std::string_view kLetters = "XXXXXX";
  if (name.size() <= pattern.size()) {
    return false;
  }
  const std::string_view end = name.substr(name.size() - pattern.size());
  const std::size_t letters = pattern.find(kLetters);
  const std::size_t after = letters + kLetters.size();
  return end.substr(0, letters) == pattern.substr(0, letters) &&
         end.substr(after) == pattern.substr(after) &&
         std::ranges::all_of(end.substr(letters, kLetters.size()),
                             [](unsigned char c) { return c < 0x80 && std::isalnum(c) != 0; });
}

FileId id_of(const struct stat& status) {
  return {.device = status.st_dev, .number = status.st_ino};
}

constexpr std::size_t kReadStepBytes = 64 * 1024;

tl::unexpected<Error> cannot_read(const std::string& path, int code) {
  return fail(ErrorCode::kIo,
              fmt::format("{} cannot be read: {}.", path, std::generic_category().message(code)));
}

Result<std::string> read_open_file(int descriptor, const std::string& path, std::size_t bytes_max) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) {
    return cannot_read(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kIo, path + " is not a regular file.");
  }
  std::string text;
  while (text.size() <= bytes_max) {
    const std::size_t before = text.size();
    text.resize(before + std::min(kReadStepBytes, bytes_max + 1 - before));
    const ssize_t bytes = read(descriptor, text.data() + before, text.size() - before);
    if (bytes < 0 && errno != EINTR) {
      return cannot_read(path, errno);
    }
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
    if (bytes == 0) {
      return text;
    }
  }
  return fail(ErrorCode::kIo, fmt::format("{} is longer than {} bytes.", path, bytes_max));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  // O_NONBLOCK: opening a pipe does not wait for its writer.
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    return cannot_read(path, errno);
  }
  Result<std::string> text = read_open_file(descriptor, path, bytes_max);
  close(descriptor);
  return text;
}

std::optional<FileId> file_at(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 ? std::optional(id_of(status)) : std::nullopt;
}

std::optional<FileId> file_of(int descriptor) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 ? std::optional(id_of(status)) : std::nullopt;
}

bool publish_new_file(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  if (errno == EEXIST) {
    return false;
  }
  // A hard link does not replace a file either.
  if (link(from.c_str(), to.c_str()) == 0) {
    unlink(from.c_str());
    return true;
  }
  return errno != EEXIST && publish_over_placeholder(from, to);
}

bool sync_file(const std::string& path) {
  return sync_path(path, O_RDWR);
}

bool sync_directory(const std::string& path) {
  return sync_path(path, O_RDONLY | O_DIRECTORY) || errno == EINVAL || is_unknown_call(errno);
}

void inherit_owner(int descriptor, const std::string& path) {
  struct stat status = {};
  if (geteuid() == 0 && stat(path.c_str(), &status) == 0) {
    // File systems without owners refuse it.
    [[maybe_unused]] const int refused = fchown(descriptor, status.st_uid, status.st_gid);
  }
}

bool set_mode(int descriptor, mode_t mode) {
  if (fchmod(descriptor, mode) == 0 || is_unknown_call(errno)) {
    return true;
  }
  const int cause = errno;
  struct stat status = {};
  const bool is_owner = fstat(descriptor, &status) == 0 && status.st_uid == geteuid();
  errno = cause;
  return is_owner && cause == EPERM;  // what some of those file systems say
}

std::vector<std::string> paths_made_of(const std::string& directory,
                                       std::initializer_list<std::string_view> patterns) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (std::ranges::any_of(patterns,
                            [&](std::string_view pattern) { return ends_as(name, pattern); })) {
      found.push_back(entry->path().string());
    }
  }
  std::ranges::sort(found);
  return found;
}

int open_unnamed_file(const std::string& directory) {
  constexpr mode_t kOwnerOnly = 0600;
  const int unnamed = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kOwnerOnly);
  if (unnamed >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
    return unnamed;
  }
  // Some file systems have no O_TMPFILE.
  std::string path = directory + "/matricula-XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) {
    unlink(path.c_str());
  }
  return named;
}

std::vector<std::string> temporary_directories() {
  std::vector<std::string> directories;
  if (const char* const given = std::getenv("TMPDIR"); given != nullptr && *given != '\0') {
    directories.emplace_back(given);
  }
  // /tmp is often memory.
  directories.emplace_back("/var/tmp");
  directories.emplace_back("/tmp");
  return directories;
}

}  // namespace matricula
