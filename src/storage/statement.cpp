#include <atomic>
#include <utility>

#include "storage/database.h"

namespace matricula::storage {

namespace {

std::uint64_t next_statement_id() {
  // The one counter behind "unique in the process"; it decides nothing else.
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Statement::Statement(std::string text, ResultSize size)
    : id_(next_statement_id()), text_(std::move(text)), size_(size) {}

}  // namespace matricula::storage
