#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"
#include "dataapi/file_state.h"
#include "dataapi/once.h"
#include "spool/spool.h"

namespace matricula::dataapi {

// A file in the spool, made once and sent to all its readers, also while it grows. Each holder of a
// pointer to it is a reader: when only its maker holds it, the job is cancelled. Safe to call from
// any thread.
class MadeFile {
 public:
  explicit MadeFile(std::shared_ptr<spool::SpoolFile> bytes) : bytes_(std::move(bytes)) {}

  // Calls `then` once its state is known and its first bytes are there, or it is complete, or
  // failed; else, or for when_ended(), once it is complete or failed.
  void when_begun(std::function<void()> then) { begun_.when(std::move(then)); }
  void when_ended(std::function<void()> then) { ended_.when(std::move(then)); }

  // nullopt until it is known.
  std::optional<FileState> state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  // Why it failed; nullopt while it has not.
  std::optional<Error> error() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }
  bool is_complete() const { return bytes_->state() == spool::SpoolFile::State::kFinished; }
  std::uint64_t size() const { return bytes_->size(); }

  // For its maker alone.
  void set_state(const FileState& state) {
    const std::lock_guard lock(mutex_);
    state_ = state;
  }
  Result<void> append(std::string_view bytes);
  void finish();
  void fail(Error error);

 private:
  friend std::shared_ptr<const spool::SpoolFile> bytes_of(const std::shared_ptr<MadeFile>& file);

  const std::shared_ptr<spool::SpoolFile> bytes_;
  mutable std::mutex mutex_;
  std::optional<FileState> state_;
  std::optional<Error> error_;
  Once begun_;
  Once ended_;
};

// The bytes of the file; the pointer keeps the file.
inline std::shared_ptr<const spool::SpoolFile> bytes_of(const std::shared_ptr<MadeFile>& file) {
  return {file, file->bytes_.get()};
}

}  // namespace matricula::dataapi
