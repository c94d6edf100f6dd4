#include "dataapi/made_file.h"

namespace matricula::dataapi {
namespace {

// A file that is complete before it is larger than this is answered with its length.
constexpr std::uint64_t kBegunBytes = 256 * 1024;

}  // namespace

Result<void> MadeFile::append(std::string_view bytes) {
  MATRICULA_CHECK(bytes_->append(bytes));
  if (bytes_->size() >= kBegunBytes) {
    begun_.happen();
  }
  return {};
}

void MadeFile::finish() {
  bytes_->finish();
  begun_.happen();
  ended_.happen();
}

void MadeFile::fail(Error error) {
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
  }
  bytes_->abandon();
  begun_.happen();
  ended_.happen();
}

}  // namespace matricula::dataapi
