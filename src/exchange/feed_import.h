#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "exchange/byte_source.h"
#include "exchange/import.h"
#include "storage/database.h"

namespace matricula::exchange {

// A feed of changes that can be read.
struct Feed {
  std::string path;
  std::unique_ptr<ByteSource> source;
};

// Opens a file, or standard input where `path` is "-".
Result<Feed> open_feed(const std::string& path);

// Applies a feed of changes (`GET /data/v1/changes`, tables/change_line.h) in one transaction; the
// lines of several pages may follow each other. Of a record that comes several times the last line
// counts. References are checked after all lines were read, in any order, so a feed has to be
// complete. The updatedAt of a line is kept, also where a value that its node shows changes in the
// same feed.
//
// A feed is of one company: `options.company`, or the one that its lines name, or that the
// contracts of its puts belong to, or the only one of the store, or that of the first record that
// it deletes; where that one has gone from one company to another it is an error (kBadUserInput). A
// deletion of what belongs to another company by now counts as unchanged. One of a user, a program
// or an assessment may mean only that the company no longer has it: where another company has it,
// or a record refers to it, it stays and counts as unchanged.
//
// With `options.from_start`, records of the company that the feed lacks are deleted too: see
// delete_what_lacks().
//
// Lines that are rejected: what import rejects, a line without a known _table, a _sequence that
// does not rise from line to line, a put of another company. Then nothing of the feed is kept.
// Errors are as those of import_paths(). `options.skip_invalid` must be false.
Result<FileReport> import_changes(storage::Database& database, Feed feed,
                                  const ImportOptions& options, const Clock& clock);

}  // namespace matricula::exchange
