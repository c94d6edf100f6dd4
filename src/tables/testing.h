#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tables/row_encoder.h"

namespace matricula::tables {

// Texts that writers and readers of files stumble over.
inline constexpr std::string_view kNastyTexts[] = {
    "",
    "plain",
    "a,b;c\td",
    "two\r\nlines",
    "lone\rreturn",
    "line\n",
    "\"quoted\"",
    "it's \"\"double\"\"",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tindented",
    "\rreturned",
    " spaces ",
    "null",
    "NULL",
    "\\N",
    "0123",
    "1e400",
    "true",
    "2025-01-01",
    "\x01\x1f\x7f",
    "back\\slash/",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
    "e\xcc\x81",
    "\xe2\x80\xa8line separator",
    "\xef\xbb\xbfmark",
    "\xf0\x9f\x8e\x93",
    "</script>",
    "PAR1",
};

// The bytes of a whole file.
inline std::string file_of(const Table& table, const EncoderOptions& options,
                           const std::vector<std::vector<storage::Bind>>& rows) {
  const std::unique_ptr<RowEncoder> encoder = make_encoder(table, options);
  std::string out;
  encoder->begin(out);
  for (const std::vector<storage::Bind>& row : rows) {
    encoder->append(row, out);
  }
  encoder->finish(out);
  return out;
}

}  // namespace matricula::tables
