#include "exchange/output_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "base/assert.h"
#include "base/files.h"

namespace matricula::exchange {
namespace {

// As mkostemps() has it. A process id would not do: in containers the next process has the same.
constexpr std::string_view kTemporaryEnding = ".XXXXXX.tmp";
constexpr int kAfterLetters = 4;

}  // namespace

Result<OutputFile> OutputFile::create(std::string path) {
  std::string temporary = fmt::format("{}{}", path, kTemporaryEnding);
  const SignalsHeld held;
  const int file = ::mkostemps(temporary.data(), kAfterLetters, O_CLOEXEC);
  if (file < 0) {
    return fail(ErrorCode::kIo,
                fmt::format("{} cannot be made: {}.", temporary, std::strerror(errno)));
  }
  return OutputFile(std::move(path), std::move(temporary), file);
}

OutputFile::OutputFile(std::string path, std::string temporary, int file)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      temporary_name_(temporary_),
      file_(file) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      temporary_name_(std::move(other.temporary_name_)),
      file_(std::exchange(other.file_, -1)),
      is_in_place_(other.is_in_place_) {}

OutputFile::~OutputFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

Result<void> OutputFile::failed(std::string_view what) const {
  return fail(ErrorCode::kIo,
              fmt::format("{} cannot be {}: {}.", path_, what, std::strerror(errno)));
}

Result<void> OutputFile::write(std::string_view bytes) {
  MATRICULA_ASSERT(file_ >= 0);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return failed("written");
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> OutputFile::finish() {
  MATRICULA_ASSERT(file_ >= 0);
  if (::fsync(file_) != 0 || ::close(std::exchange(file_, -1)) != 0) {
    return failed("written");
  }
  return {};
}

Result<void> OutputFile::put_in_place() {
  MATRICULA_ASSERT(file_ < 0 && !temporary_.empty());
  if (!publish_new_file(temporary_, path_)) {
    return failed("made");
  }
  is_in_place_ = true;
  temporary_.clear();
  temporary_name_ = {};
  return {};
}

void OutputFile::withdraw() noexcept {
  if (is_in_place_) {
    ::unlink(path_.c_str());
    is_in_place_ = false;
  }
}

std::vector<std::string> unfinished_files(const std::string& directory) {
  return paths_made_of(directory, {kTemporaryEnding});
}

Result<void> make_names_durable(const std::string& directory) {
  return sync_directory(directory)
             ? Result<void>()
             : fail(ErrorCode::kIo, fmt::format("The directory {} cannot be written: {}.",
                                                directory, std::strerror(errno)));
}

}  // namespace matricula::exchange
