#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "base/assert.h"
#include "base/clock.h"
#include "storage/database.h"

namespace matricula::storage {

// A directory for one test, removed with all that is in it.
class TempDirectory {
 public:
  TempDirectory() : path_((std::filesystem::temp_directory_path() / "matricula-XXXXXX").string()) {
    MATRICULA_ASSERT(mkdtemp(path_.data()) != nullptr);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A store for one test: made with the given migrations in a directory of its own, removed
// afterwards. Sessions and rows must be gone before it.
class TempStore {
 public:
  TempStore(std::span<const Migration> migrations, const Clock& clock) {
    Result<std::unique_ptr<Database>> opened =
        open_database("sqlite:" + path(), {.migrations = migrations}, clock);
    if (!opened) {
      std::fprintf(stderr, "%s (%s)\n", opened.error().message.c_str(),
                   opened.error().internal.c_str());
    }
    MATRICULA_ASSERT(opened.has_value());
    database_ = *std::move(opened);
  }
  explicit TempStore(std::span<const Migration> migrations = {})
      : TempStore(migrations, system_clock()) {}

  Database& database() { return *database_; }
  std::string path() const { return directory_.file("store.db"); }
  const TempDirectory& directory() const { return directory_; }
  // Closes the store; the files stay until the end.
  void close() { database_.reset(); }

 private:
  static const Clock& system_clock() {
    static const SystemClock kClock;
    return kClock;
  }

  TempDirectory directory_;
  std::unique_ptr<Database> database_;
};

}  // namespace matricula::storage
