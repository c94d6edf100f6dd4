#pragma once

#include <memory>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

struct EndSnapshot {
  void operator()(Session* session) const noexcept { session->end_snapshot(); }
};

// While it lives, everything that its session reads is of one state of the store.
using SnapshotHandle = std::unique_ptr<Session, EndSnapshot>;

inline Result<SnapshotHandle> begin_snapshot(Session& session) {
  MATRICULA_CHECK(session.begin_snapshot());
  return SnapshotHandle(&session);
}

}  // namespace matricula::storage
