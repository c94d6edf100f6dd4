#include "storage/sqlite/checkpointer.h"

#include "storage/sqlite/connection.h"
#include "storage/sqlite/limits.h"

namespace matricula::storage::sqlite {

void Checkpointer::attach(sqlite3* connection) {
  connection_ = connection;
  if (const Result<std::int64_t> bytes = read_integer(connection, "PRAGMA page_size"); bytes) {
    page_bytes_ = *bytes;
  }
  next_frames_ = kCheckpointBytes / page_bytes_;
  sqlite3_wal_hook(connection, note_commit, this);
}

int Checkpointer::note_commit(void* self, sqlite3*, const char*, int frames) {
  static_cast<Checkpointer*>(self)->frames_ = frames;
  return SQLITE_OK;
}

void Checkpointer::after_commit() {
  const std::int64_t stride = kCheckpointBytes / page_bytes_;
  if (frames_ < next_frames_ - stride) {
    next_frames_ = stride;  // the log began anew since
  }
  if (frames_ < next_frames_) {
    return;
  }
  // A passive checkpoint leaves the log's file as long as it is, to be written over from its start:
  // that is faster than growing it again. Cutting is for logs that grew out of proportion.
  if (frames_ * page_bytes_ >= kTruncateBytes) {
    run_all();
  } else {
    sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  // A reader may still need part of the log: trying again at every commit would be in vain.
  next_frames_ = frames_ + stride;
}

void Checkpointer::run_all() {
  const Result<std::int64_t> timeout = read_integer(connection_, "PRAGMA busy_timeout");
  sqlite3_busy_timeout(connection_, 0);
  sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (timeout) {
    sqlite3_busy_timeout(connection_, static_cast<int>(*timeout));
  }
}

}  // namespace matricula::storage::sqlite
