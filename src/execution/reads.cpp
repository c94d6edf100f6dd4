#include "execution/reads.h"

#include <array>
#include <string>

namespace matricula::execution {

void Reads::begin(std::chrono::nanoseconds deadline) {
  tables_.begin();
  if (memory_ != nullptr) {
    memory_->begin(deadline);
  }
}

Result<void> Reads::begin_snapshot() {
  MATRICULA_TRY(snapshot_, storage::begin_snapshot(session_));
  return {};
}

void Reads::end() noexcept {
  snapshot_.reset();
  if (memory_ != nullptr) {
    memory_->end();
  }
}

Result<storage::HeldList*> Reads::hold(const GuardedList& list) {
  if (memory_ == nullptr) {
    return nullptr;
  }
  return memory_->hold(list.relation, list.company, in_snapshot());
}

Result<storage::ListReader*> Reads::reader_of(const GuardedList& list) {
  if (list.guard == nullptr) {
    MATRICULA_TRY(storage::HeldList* const held, hold(list));
    return held != nullptr ? static_cast<storage::ListReader*>(held) : &tables_;
  }
  if (!in_snapshot()) {
    MATRICULA_TRY(storage::HeldList* const held, hold(list));
    if (held != nullptr && held->passes_guard(list.guard->text, list.guarded)) {
      return held;
    }
    MATRICULA_CHECK(begin_snapshot());
  }
  MATRICULA_TRY(storage::HeldList* const held, hold(list));
  MATRICULA_TRY(const bool is_passed, passes(*list.guard, list.company, list.guarded));
  if (!is_passed) {
    return nullptr;
  }
  if (held == nullptr) {
    return &tables_;
  }
  held->note_guard(list.guard->text, list.guarded);
  return held;
}

std::optional<storage::UnsentStatement> Reads::state_statement(const GuardedList& list) {
  return memory_ == nullptr ? std::nullopt : memory_->hold_statement(list.relation, list.company);
}

Result<storage::ListReader*> Reads::reader_by(storage::Rows& rows, const GuardedList& list) {
  MATRICULA_TRY(storage::HeldList* const held, memory_->hold_by(rows, list.relation, list.company));
  if (held == nullptr ||
      (list.guard != nullptr && !held->passes_guard(list.guard->text, list.guarded))) {
    return fail(ErrorCode::kUnavailable, "Memory does not have the newest state of the list.");
  }
  return held;
}

Result<bool> Reads::passes(const planning::Guard& guard, std::string_view company,
                           std::string_view value) {
  const std::array<storage::Bind, 2> binds{company, value};
  MATRICULA_TRY(const storage::RowsHandle rows, session_.query(guard_statement(guard.text), binds));
  return rows->next();
}

Result<std::optional<storage::RecordsVersion>> Reads::version(std::string_view company) {
  if (memory_ == nullptr) {
    return std::nullopt;
  }
  return memory_->version(company);
}

const storage::Statement& Reads::guard_statement(std::string_view text) {
  for (const auto& statement : guards_) {
    if (statement->text() == text) {
      return *statement;
    }
  }
  guards_.push_back(std::make_unique<storage::Statement>(std::string(text)));
  return *guards_.back();
}

}  // namespace matricula::execution
