#pragma once

#include <string>

#include "base/escape.h"
#include "base/uuid.h"
#include "storage/database.h"

namespace matricula::records {

// A key for messages: text in quotes, a user's id as a UUID.
inline std::string key_text(const storage::Bind& key) {
  std::string text;
  if (const auto* const bytes = std::get_if<storage::Bytes>(&key)) {
    text = uuid_text(*bytes);
  } else {
    append_json_string(text, std::get<std::string_view>(key));
  }
  return text;
}

}  // namespace matricula::records
