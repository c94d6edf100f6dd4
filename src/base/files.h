#pragma once

#include <string>

namespace matricula {

// Gives a finished file its name, unless there is a file of that name; errno then says why not
// (EEXIST). Works on file systems without hard links too (exFAT, FAT, SMB, many under FUSE). `from`
// is gone on success.
bool publish_new_file(const std::string& from, const std::string& to);

// Makes what is written under a path durable; of a directory, the names in it. errno says why not.
bool sync_path(const std::string& path, int open_flags);

}  // namespace matricula
