#pragma once

#include <memory>
#include <vector>

#include "auth/authentication/authenticator.h"
#include "auth/trail/use_counter.h"
#include "base/result.h"
#include "dataapi/api.h"
#include "gate/gate.h"
#include "gate/stage.h"
#include "http/message.h"
#include "pipeline/pipeline.h"
#include "pipeline/tenants.h"
#include "pipeline/worker_pool.h"
#include "server/repeater.h"
#include "storage/database.h"

namespace matricula::server {

// /data/v1/...: the data API, for tokens, credentials and logged-in admins, within the allowance of
// each. Has threads of its own, so that large reads hold up no loop and no worker of the GraphQL
// endpoints.
class DataRoutes {
 public:
  // All references must outlive it; a JWT of `outside`, if that is set, is a login. Uses the gate,
  // the spool and the endpoints of `pipeline`. `keeps_deletes`: for followers of changes. Fails
  // when the store cannot be read.
  static Result<std::unique_ptr<DataRoutes>> open(storage::Database& database,
                                                  const auth::Secrets& secrets,
                                                  const auth::JwksSource* outside,
                                                  const pipeline::Pipeline& pipeline,
                                                  bool keeps_deletes);
  ~DataRoutes();

  // Takes requests whose path begins with /data/v1/. Answers exactly once, from any thread.
  void handle(const http::Request& request, http::Responder responder);

  // Answers all requests that wait for changes; no request waits afterwards.
  void begin_drain() { waiter_.release_all(); }
  // How many requests wait for changes; for metrics.
  std::size_t waiting() const { return waiter_.count(); }
  // Writes the uses of tokens that were counted; waits for other writers until `wait_until`.
  Result<void> flush_uses(std::chrono::nanoseconds wait_until);

 private:
  // What one thread needs.
  struct ThreadContext {
    explicit ThreadContext(const Clock& clock) : uses(clock) {}
    std::unique_ptr<storage::Session> session;
    std::unique_ptr<auth::Authenticator> authenticator;
    auth::UseCounter uses;
  };
  class Task;

  DataRoutes(storage::Database& database, const pipeline::Pipeline& pipeline, bool keeps_deletes);
  void answer(std::shared_ptr<dataapi::Call> call, ThreadContext& context);
  gate::Stage<void> admit(dataapi::Call& call, ThreadContext& context);
  gate::Stage<void> confirm(const dataapi::Call& call, ThreadContext& context);
  gate::Stage<std::string> company_of(const gate::Attempt& attempt, const auth::Principal& caller,
                                      std::optional<std::string_view> chosen);
  void refuse(dataapi::Call& call, gate::Refusal refusal);
  void submit(std::unique_ptr<Task> task);

  storage::Database& database_;
  const gate::Gate& gate_;
  const dataapi::RowFilters filters_;
  dataapi::FileMaker files_;
  const Repeater file_sweeper_;
  dataapi::Api api_;
  pipeline::TenantCache tenant_cache_;
  std::vector<std::unique_ptr<ThreadContext>> contexts_;
  std::unique_ptr<pipeline::WorkerPool> workers_;  // its threads use all of the above
  dataapi::ChangeWaiter waiter_;                   // last: its thread submits work
};

}  // namespace matricula::server
