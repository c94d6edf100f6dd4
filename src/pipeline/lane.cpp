#include "pipeline/lane.h"

namespace matricula::pipeline {

Result<std::unique_ptr<Lane>> Lane::open(const LaneParts& parts,
                                         const execution::ExecutionLimits& limits,
                                         const PlanCacheLimits& plans) {
  storage::Database& database = parts.database;
  std::unique_ptr<Lane> lane(new Lane(parts.clock, plans));
  MATRICULA_TRY(lane->session,
                database.is_shared() ? database.open_access_session() : database.open_reader());
  lane->reader = std::make_unique<storage::CountingListReader>(
      std::make_unique<storage::SqlListReader>(*lane->session, limits.selective_rows_max,
                                               &parts.clock),
      *lane->session, database, parts.counts);
  if (parts.read_model != nullptr) {
    auto model_reader = std::make_unique<readmodel::ModelListReader>(
        std::move(lane->reader), *lane->session, *parts.read_model, parts.clock);
    lane->model_reader = model_reader.get();
    lane->reader = std::move(model_reader);
  }
  lane->executor = std::make_unique<execution::Executor>(*lane->session, *lane->reader, parts.clock,
                                                         limits, parts.answers, parts.columns);
  MATRICULA_TRY(lane->authenticator,
                auth::Authenticator::open(database, parts.secrets, parts.clock, parts.outside));
  return lane;
}

}  // namespace matricula::pipeline
