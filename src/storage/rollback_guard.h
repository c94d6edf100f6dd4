#pragma once

namespace matricula::storage {

// Rolls the session's write transaction back in its destructor, unless set_ended() was called.
template <typename WritingSession>
class RollbackUnlessEnded {
 public:
  explicit RollbackUnlessEnded(WritingSession& session) : session_(session) {}
  RollbackUnlessEnded(const RollbackUnlessEnded&) = delete;
  RollbackUnlessEnded& operator=(const RollbackUnlessEnded&) = delete;
  ~RollbackUnlessEnded() {
    if (!has_ended_) {
      session_.rollback_write();
    }
  }
  void set_ended() { has_ended_ = true; }

 private:
  WritingSession& session_;
  bool has_ended_ = false;
};

}  // namespace matricula::storage
