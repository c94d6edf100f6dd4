#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace matricula::server {

// A temporary directory for the data of a demo, removed with its owner.
class ScratchDirectory {
 public:
  // Removes those that killed processes of this user have left: the lock of one that lives on is
  // held.
  static Result<ScratchDirectory> make();
  ScratchDirectory(ScratchDirectory&& other) noexcept;
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory();
  const std::string& path() const { return path_; }

 private:
  ScratchDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_ = -1;
};

}  // namespace matricula::server
