#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <tl/expected.hpp>

#include "dataapi/call.h"
#include "dataapi/change_waiter.h"
#include "dataapi/changes_page.h"
#include "dataapi/changes_request.h"
#include "dataapi/file_maker.h"
#include "dataapi/file_request.h"
#include "dataapi/row_filter.h"
#include "gate/gate.h"
#include "spool/spool.h"
#include "storage/database.h"

namespace matricula::dataapi {

// Answers admitted requests below /data/v1/: the tables of a company, their schemas, files and
// changes.
class Api {
 public:
  // Runs work for a call on a thread that may ask the store, with the session of that thread;
  // answers the call itself where the queue for those threads is full.
  using Submit = std::function<void(std::shared_ptr<Call>, std::function<void(storage::Session&)>)>;

  // What the API works with; all of it outlives the API and every request.
  struct Dependencies {
    const gate::Gate& gate;
    FileMaker& files;
    ChangeWaiter& waiter;
    const RowFilters& filters;
    std::shared_ptr<spool::Spool> spool;
    Submit submit;
    bool keeps_deletes = true;  // else those that are not swept yet count as forgotten
  };
  explicit Api(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

  // Answers the call, now or when its file or its changes are there. `session` is the calling
  // thread's.
  void answer(std::shared_ptr<Call> call, storage::Session& session);

 private:
  struct FileCall;
  struct ChangesCall;

  void answer_tables(Call& call, storage::Session& session);
  void answer_schema(Call& call, std::string_view table);
  void answer_file(std::shared_ptr<Call> call, std::string_view name, storage::Session& session);
  tl::expected<FileRequest, http::Response> read_file(std::string_view name,
                                                      const http::Request& request) const;
  void ask_for_file(const std::shared_ptr<FileCall>& file);
  void reply_file(const std::shared_ptr<FileCall>& file, const std::shared_ptr<MadeFile>& made);
  void answer_changes(std::shared_ptr<Call> call, storage::Session& session);
  Result<ChangesPage> read_page(ChangesCall& changes, storage::Session& session) const;
  void look_for_changes(const std::shared_ptr<ChangesCall>& changes, storage::Session& session);
  void refuse(Call& call, const Error& error);

  Dependencies dependencies_;
};

}  // namespace matricula::dataapi
