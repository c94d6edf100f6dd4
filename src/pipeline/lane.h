#pragma once

#include <memory>
#include <vector>

#include "auth/authentication/authenticator.h"
#include "auth/trail/use_counter.h"
#include "execution/executor.h"
#include "pipeline/plan_cache.h"
#include "pipeline/trusted_documents.h"
#include "readmodel/model_lists.h"
#include "storage/count_cache.h"
#include "storage/database.h"
#include "storage/list_reader.h"

namespace matricula::pipeline {

// What lanes are made of; everything outlives them.
struct LaneParts {
  storage::Database& database;
  const auth::Secrets& secrets;
  const Clock& clock;
  storage::CountCache& counts;
  const auth::JwksSource* outside = nullptr;  // keys of an outside issuer; null for none
  const execution::AnswerPlaces& answers;
  readmodel::ReadModel* read_model = nullptr;  // null where there is none
  execution::ColumnCache* columns = nullptr;   // likewise
};

// What one thread needs to answer requests, so that no two threads share a lock: a read session, an
// executor with its buffers, an authenticator with its token cache, and plans. One thread at a
// time.
struct Lane {
  static Result<std::unique_ptr<Lane>> open(const LaneParts& parts,
                                            const execution::ExecutionLimits& limits,
                                            const PlanCacheLimits& plans);

  std::unique_ptr<storage::Session> session;
  std::unique_ptr<storage::TableReader> tables;
  std::unique_ptr<readmodel::ModelLists> model;  // null where there is no read model
  std::unique_ptr<execution::Executor> executor;
  std::unique_ptr<auth::Authenticator> authenticator;
  auth::UseCounter uses;
  PlanCache plans;
  TrustedDocumentsSlot::View documents;

 private:
  Lane(const Clock& clock, const PlanCacheLimits& limits) : uses(clock), plans(limits) {}
};

// The lanes of all threads; each is used by its thread alone.
struct Lanes {
  std::vector<std::unique_ptr<Lane>> loops = {};  // none over a shared store
  std::vector<std::unique_ptr<Lane>> workers = {};
};

}  // namespace matricula::pipeline
