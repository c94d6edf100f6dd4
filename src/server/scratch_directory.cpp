#include "server/scratch_directory.h"

#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/files.h"

namespace matricula::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "matricula";
constexpr std::string_view kEnding = "-demo-XXXXXX";
// One that is younger may be without its lock yet.
constexpr std::time_t kYoungSeconds = 60;

// A descriptor with the directory's lock; -1 where another process holds it, or it is no directory.
int lock_directory(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

void remove_if_left(const std::string& path) {
  const int lock = lock_directory(path);
  if (lock < 0) {
    return;
  }
  struct stat status = {};
  if (fstat(lock, &status) == 0 && status.st_uid == geteuid() &&
      status.st_mtim.tv_sec + kYoungSeconds < std::time(nullptr)) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  close(lock);
}

}  // namespace

Result<ScratchDirectory> ScratchDirectory::make() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  std::string path = (parent / kProgram).string() + std::string(kEnding);
  if (error || mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::kIo,
                "No temporary directory can be made. Name one that may be written to by TMPDIR.");
  }
  ScratchDirectory made(path, lock_directory(path));
  for (const std::string& each : paths_made_of(parent.string(), {kEnding})) {
    const std::string name = fs::path(each).filename().string();
    if (name.starts_with(kProgram) && name.size() == kProgram.size() + kEnding.size()) {
      remove_if_left(each);
    }
  }
  return made;
}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

ScratchDirectory::~ScratchDirectory() {
  if (!path_.empty()) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  if (lock_ >= 0) {
    close(lock_);
  }
}

}  // namespace matricula::server
