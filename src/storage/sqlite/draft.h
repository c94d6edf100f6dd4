#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "base/files.h"
#include "base/temporary_names.h"

namespace matricula::storage::sqlite {

// How the name of a file ends that is being written, after that of its target; as mkstemp() has it.
inline constexpr std::string_view kDraftEnding = ".partial-XXXXXX";

// A file beside its target that gets the target's name when it is complete; removed in the
// destructor unless it was published, and by a signal that ends the process. Only its owner may
// read it.
class Draft {
 public:
  explicit Draft(std::string_view target) : path_(target) {
    path_ += kDraftEnding;
    const SignalsHeld held;
    const int descriptor = mkostemp(path_.data(), O_CLOEXEC);
    if (descriptor >= 0) {
      is_made_ = true;
      name_ = TemporaryName(path_);
      close(descriptor);
    }
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (is_made_) {
      unlink(path_.c_str());
    }
  }
  // If not, errno says why.
  bool is_made() const { return is_made_; }
  const std::string& path() const { return path_; }

  // Gives the file its name, unless there is one of that name; errno says why not.
  bool publish(const std::string& target) {
    const bool is_published = publish_new_file(path_, target);
    is_made_ = !is_published;
    return is_published;
  }

 private:
  std::string path_;
  TemporaryName name_;
  bool is_made_ = false;
};

}  // namespace matricula::storage::sqlite
