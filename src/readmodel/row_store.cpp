#include "readmodel/row_store.h"

#include <cstring>

namespace matricula::readmodel {

std::byte* RowStore::own(std::uint32_t chunk) {
  if (!owned_[chunk]) {
    const std::size_t size = kChunk * (stride_ + 1);
    auto copy = std::make_shared<std::byte[]>(size);
    std::memcpy(copy.get(), chunks_[chunk].get(), size);
    chunks_[chunk] = std::move(copy);
    owned_[chunk] = true;
  }
  return chunks_[chunk].get();
}

std::byte* RowStore::edit(std::uint32_t number) {
  return own(number / kChunk) + kChunk + stride_ * (number % kChunk);
}

void RowStore::set_code(std::uint32_t number, std::uint8_t code) {
  own(number / kChunk)[number % kChunk] = static_cast<std::byte>(code);
}

std::uint32_t RowStore::add() {
  if (size_ % kChunk == 0) {
    chunks_.push_back(std::make_shared<std::byte[]>(kChunk * (stride_ + 1)));
    owned_.push_back(true);
  }
  return size_++;
}

std::size_t RowStore::bytes() const {
  return chunks_.size() * (kChunk * (stride_ + 1) + sizeof(chunks_.front()) + 16);
}

}  // namespace matricula::readmodel
