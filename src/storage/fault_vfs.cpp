#include "storage/fault_vfs.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/assert.h"

namespace matricula::storage {

namespace {

// What a change replaced, while it is not synced.
struct Undo {
  std::string path;
  sqlite3_int64 offset;
  std::string bytes;
  sqlite3_int64 file_bytes;
};

struct State {
  sqlite3_vfs* real = nullptr;
  int left = 0;  // changes until the fault; 0 for none
  Fault fault = Fault::kFailure;
  bool happened = false;
  std::vector<Undo> undos;
};

struct File {
  sqlite3_file base;
  State* state;
  std::string* path;
  sqlite3_file* real;
};

File& self(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

// SQLITE_OK, or the fault if it is its turn.
int next_change(State& state, int failure_code) {
  const bool is_over = state.happened && state.fault == Fault::kPowerLoss && state.left < 0;
  if (!is_over && (state.left <= 0 || --state.left > 0)) {
    return SQLITE_OK;
  }
  state.happened = true;
  if (state.fault == Fault::kPowerLoss) {
    state.left = -1;
  }
  return state.fault == Fault::kDiskFull ? SQLITE_FULL : failure_code;
}

void remember(File& file, sqlite3_int64 offset, sqlite3_int64 length) {
  sqlite3_int64 file_bytes = 0;
  file.real->pMethods->xFileSize(file.real, &file_bytes);
  std::string old;
  if (offset < file_bytes && length > 0) {
    old.resize(static_cast<std::size_t>(std::min(length, file_bytes - offset)));
    file.real->pMethods->xRead(file.real, old.data(), static_cast<int>(old.size()), offset);
  }
  file.state->undos.push_back({*file.path, offset, std::move(old), file_bytes});
}

int close_file(sqlite3_file* file) {
  File& own = self(file);
  const int code = own.real->pMethods->xClose(own.real);
  delete[] reinterpret_cast<char*>(own.real);
  delete own.path;
  return code;
}

int read(sqlite3_file* file, void* data, int length, sqlite3_int64 offset) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xRead(real, data, length, offset);
}

int write(sqlite3_file* file, const void* data, int length, sqlite3_int64 offset) {
  File& own = self(file);
  if (const int code = next_change(*own.state, SQLITE_IOERR_WRITE); code != SQLITE_OK) {
    return code;
  }
  remember(own, offset, length);
  return own.real->pMethods->xWrite(own.real, data, length, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 length) {
  File& own = self(file);
  if (const int code = next_change(*own.state, SQLITE_IOERR_TRUNCATE); code != SQLITE_OK) {
    return code;
  }
  sqlite3_int64 before = 0;
  own.real->pMethods->xFileSize(own.real, &before);
  remember(own, length, before - length);
  return own.real->pMethods->xTruncate(own.real, length);
}

int sync(sqlite3_file* file, int) {
  // Nothing is really synced: a change counts as synced once it is not undone any more.
  File& own = self(file);
  if (const int code = next_change(*own.state, SQLITE_IOERR_FSYNC); code != SQLITE_OK) {
    return code;
  }
  std::erase_if(own.state->undos, [&own](const Undo& undo) { return undo.path == *own.path; });
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* length) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xFileSize(real, length);
}

int lock(sqlite3_file* file, int level) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xLock(real, level);
}

int unlock(sqlite3_file* file, int level) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xUnlock(real, level);
}

int check_reserved_lock(sqlite3_file* file, int* out) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xCheckReservedLock(real, out);
}

int file_control(sqlite3_file* file, int operation, void* argument) {
  // A size hint would change the file behind our back.
  sqlite3_file* const real = self(file).real;
  return operation == SQLITE_FCNTL_SIZE_HINT
             ? SQLITE_OK
             : real->pMethods->xFileControl(real, operation, argument);
}

int sector_size(sqlite3_file* file) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xSectorSize(real);
}

int device_characteristics(sqlite3_file*) {
  return 0;  // promises nothing
}

int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xShmMap(real, region, bytes, extend, out);
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xShmLock(real, offset, count, flags);
}

void shm_barrier(sqlite3_file* file) {
  sqlite3_file* const real = self(file).real;
  real->pMethods->xShmBarrier(real);
}

int shm_unmap(sqlite3_file* file, int remove) {
  sqlite3_file* const real = self(file).real;
  return real->pMethods->xShmUnmap(real, remove);
}

// Version 2: no memory mapping of the data, so that every change comes through here.
const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     read,
                                     write,
                                     truncate,
                                     sync,
                                     file_size,
                                     lock,
                                     unlock,
                                     check_reserved_lock,
                                     file_control,
                                     sector_size,
                                     device_characteristics,
                                     shm_map,
                                     shm_lock,
                                     shm_barrier,
                                     shm_unmap,
                                     nullptr,
                                     nullptr};

State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<State*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  State& state = state_of(vfs);
  File& own = self(file);
  own.base.pMethods = nullptr;
  auto* const real =
      reinterpret_cast<sqlite3_file*>(new char[static_cast<std::size_t>(state.real->szOsFile)]());
  const int code = state.real->xOpen(state.real, name, real, flags, out_flags);
  if (code != SQLITE_OK) {
    delete[] reinterpret_cast<char*>(real);
    return code;
  }
  own.state = &state;
  own.path = new std::string(name == nullptr ? "" : name);
  own.real = real;
  own.base.pMethods = &kMethods;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  State& state = state_of(vfs);
  if (const int code = next_change(state, SQLITE_IOERR_DELETE); code != SQLITE_OK) {
    return code;
  }
  std::erase_if(state.undos, [name](const Undo& undo) { return undo.path == name; });
  return state.real->xDelete(state.real, name, sync_directory);
}

void take_back(const std::vector<Undo>& undos) {
  for (auto undo = undos.rbegin(); undo != undos.rend(); ++undo) {
    const int descriptor = ::open(undo->path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
      continue;
    }
    const auto written = pwrite(descriptor, undo->bytes.data(), undo->bytes.size(), undo->offset);
    MATRICULA_ASSERT(written == static_cast<ssize_t>(undo->bytes.size()));
    MATRICULA_ASSERT(ftruncate(descriptor, undo->file_bytes) == 0);
    ::close(descriptor);
  }
}

}  // namespace

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::kDiskFull:
      return "DiskFull";
    case Fault::kFailure:
      return "Failure";
    case Fault::kPowerLoss:
      return "PowerLoss";
  }
  return "";
}

FaultVfs::FaultVfs() {
  auto* const state = new State;
  state->real = sqlite3_vfs_find(nullptr);
  vfs_ = *state->real;
  vfs_.pNext = nullptr;
  vfs_.zName = "matricula-fault";
  vfs_.szOsFile = sizeof(File);
  vfs_.pAppData = state;
  vfs_.xOpen = open_file;
  vfs_.xDelete = remove_file;
  // The rest goes to the real one, whose functions do not look at their first argument.
  sqlite3_vfs_register(&vfs_, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs_);
  State* const state = &state_of(&vfs_);
  sqlite3_vfs_register(state->real, 1);
  delete state;
}

void FaultVfs::arm(int nth, Fault fault) {
  State& state = state_of(&vfs_);
  state.left = nth;
  state.fault = fault;
  state.happened = false;
  state.undos.clear();
}

void FaultVfs::settle() {
  State& state = state_of(&vfs_);
  if (state.happened && state.fault == Fault::kPowerLoss) {
    take_back(state.undos);
  }
  state.left = 0;
  state.undos.clear();
}

bool FaultVfs::disarm() {
  State& state = state_of(&vfs_);
  state.left = 0;
  return state.happened;
}

}  // namespace matricula::storage
