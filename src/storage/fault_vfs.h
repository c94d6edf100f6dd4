#pragma once

#include <sqlite3.h>
#include <string_view>

namespace matricula::storage {

enum class Fault {
  kDiskFull,   // one change fails for lack of space, the later ones go through
  kFailure,    // one change fails with an I/O error, the later ones go through
  kPowerLoss,  // it and all later ones fail, and what was not synced is gone after settle()
};

std::string_view fault_name(Fault fault);

// For tests: while it lives, SQLite's files go through it, and it can make a change of a file
// (write, cut, sync, removal) fail. One at a time; one thread. Connections must be opened and
// closed within its life, except that settle() comes after closing.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The Nth change from now on fails.
  void arm(int nth, Fault fault);
  // Ends the faults; after a power loss, takes back what was not synced. The faulty connections
  // must be closed then.
  void settle();
  // Ends the faults; whether one happened since arm().
  bool disarm();

 private:
  sqlite3_vfs vfs_ = {};
};

}  // namespace matricula::storage
