#include "readmodel/row_store.h"

#include <cstring>

namespace matricula::readmodel {

std::byte* RowStore::own(std::uint32_t chunk) {
  return chunks_.own(chunk, [size = kChunk * (stride_ + 1)](const std::byte* shared) {
    auto copy = std::make_shared<std::byte[]>(size);
    std::memcpy(copy.get(), shared, size);
    return copy;
  });
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
  }
  return size_++;
}

std::size_t RowStore::bytes() const {
  return chunks_.size() * kChunk * (stride_ + 1) + chunks_.bytes();
}

}  // namespace matricula::readmodel
