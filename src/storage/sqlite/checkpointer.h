#pragma once

#include <cstdint>
#include <sqlite3.h>

namespace matricula::storage::sqlite {

// Moves the write-ahead log into the store's main file. All its work is done while the caller holds
// the store's LockFile. Failures are left to the next try: the log stays whole.
class Checkpointer {
 public:
  // Watches the commits of the writer's connection. Must stay where it is while that is open.
  void attach(sqlite3* connection);
  // After each commit; does something every kCheckpointBytes of log only.
  void after_commit();
  // Moves and cuts all it can without waiting for readers.
  void run_all();

 private:
  static int note_commit(void* self, sqlite3* connection, const char* schema, int frames);

  sqlite3* connection_ = nullptr;
  std::int64_t frames_ = 0;       // in the log, as of the last commit
  std::int64_t next_frames_ = 0;  // when to try again
  std::int64_t page_bytes_ = 4096;
};

}  // namespace matricula::storage::sqlite
