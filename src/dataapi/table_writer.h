#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dataapi/file_request.h"
#include "dataapi/file_state.h"
#include "storage/database.h"

namespace matricula::dataapi {

// A file to be made: the request, and the company.
struct FileOrder {
  std::string company;
  FileRequest request;
};

// Where the bytes of a file go.
class FileSink {
 public:
  virtual ~FileSink() = default;
  // The state that the file shows; called once, before any bytes.
  virtual void begin(const FileState& state) = 0;
  // An error ends the making of the file, and is its error.
  virtual Result<void> append(std::string_view bytes) = 0;
};

// Makes the whole file of one state of the store, read as of now in one snapshot of the session.
// Memory does not grow with the table. After an error the sink has a part of the file.
Result<void> write_table(storage::Session& session, const FileOrder& order, FileSink& sink);

}  // namespace matricula::dataapi
