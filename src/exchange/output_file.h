#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/temporary_names.h"

namespace matricula::exchange {

// A file that appears complete or not at all: it is written beside its place under a temporary
// name, which is removed unless the file is put in place, by a
// signal that ends the process too (base/temporary_names.h). One thread at a time.
class OutputFile {
 public:
  // Nothing may have the name `path` when it is put in place.
  static Result<OutputFile> create(std::string path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Result<void> write(std::string_view bytes);
  // Makes the file durable; nothing may be written to it afterwards.
  Result<void> finish();
  // Gives the finished file its name; fails where there is a file of that name already.
  Result<void> put_in_place();
  // Takes a file away again that was put in place.
  void withdraw() noexcept;
  const std::string& path() const { return path_; }
  // Where the bytes are until then, for a writer that opens files itself; it closes what it opened
  // before finish().
  const std::string& temporary_path() const { return temporary_; }

 private:
  OutputFile(std::string path, std::string temporary, int file);
  Result<void> failed(std::string_view what) const;

  std::string path_;
  std::string temporary_;
  TemporaryName temporary_name_;
  int file_ = -1;
  bool is_in_place_ = false;
};

// What is in a directory under temporary names: what processes that were killed have left behind,
// and what others are writing now, by path. Which of both it is, is unknown (the other process may
// be on another machine).
std::vector<std::string> unfinished_files(const std::string& directory);

// Makes the names in a directory durable.
Result<void> make_names_durable(const std::string& directory);

}  // namespace matricula::exchange
