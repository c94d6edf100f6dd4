#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/result.h"

namespace matricula {

// The bytes of a regular file, at most `bytes_max`; kIo with its path and the reason. Never waits
// for a writer: pipes and devices are refused.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// A file, whatever paths lead to it: to see whether the one at a path is still the same.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  bool operator==(const FileId&) const = default;
};
// The file at `path`, which is not a symbolic link; nullopt where there is none.
std::optional<FileId> file_at(const std::string& path);
// The open file.
std::optional<FileId> file_of(int descriptor);

// Gives a finished file its name, unless there is a file of that name; errno then says why not
// (EEXIST). Works on file systems without hard links too (exFAT, FAT, SMB, many under FUSE). `from`
// is gone on success.
bool publish_new_file(const std::string& from, const std::string& to);

// Makes what is written to a file durable. errno says why not.
bool sync_file(const std::string& path);

// Makes the names in a directory durable, where the file system knows how to (SMB and some under
// FUSE do not). errno says why not.
bool sync_directory(const std::string& path);

// Gives an open file its permissions, where the file system keeps them (NTFS and others under FUSE
// do not). errno says why not.
bool set_mode(int descriptor, mode_t mode);

// Gives an open file the owner and group of the file at `path`, where the process is root's and
// that file exists: what root makes beside a service's files stays usable for the service.
void inherit_owner(int descriptor, const std::string& path);

// The paths in `directory` whose names may end in what mkostemps() made of one of `patterns`, which
// have six X each; sorted. None where the directory cannot be read.
std::vector<std::string> paths_made_of(const std::string& directory,
                                       std::initializer_list<std::string_view> patterns);

// A descriptor of a new file in `directory` that has no name, so that it is gone with the process;
// -1 with errno where none can be made.
int open_unnamed_file(const std::string& directory);

// Where temporary files may be, the best first.
std::vector<std::string> temporary_directories();

}  // namespace matricula
