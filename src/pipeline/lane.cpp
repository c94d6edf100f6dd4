#include "pipeline/lane.h"

#include "storage/sql_list_reader.h"

namespace matricula::pipeline {

Result<std::unique_ptr<Lane>> Lane::open(const LaneParts& parts,
                                         const execution::ExecutionLimits& limits,
                                         const PlanCacheLimits& plans) {
  storage::Database& database = parts.database;
  std::unique_ptr<Lane> lane(new Lane(parts.clock, plans));
  MATRICULA_TRY(lane->session,
                database.is_shared() ? database.open_access_session() : database.open_reader());
  lane->tables = std::make_unique<storage::CountingListReader>(
      std::make_unique<storage::SqlListReader>(*lane->session, limits.selective_rows_max,
                                               &parts.clock),
      *lane->session, database, parts.counts);
  if (parts.read_model != nullptr) {
    lane->model =
        std::make_unique<readmodel::ModelLists>(*lane->session, *parts.read_model, parts.clock);
  }
  lane->executor =
      std::make_unique<execution::Executor>(execution::ExecutionSources{.session = *lane->session,
                                                                        .tables = *lane->tables,
                                                                        .memory = lane->model.get(),
                                                                        .columns = parts.columns},
                                            parts.clock, limits, parts.answers);
  MATRICULA_TRY(lane->authenticator,
                auth::Authenticator::open(database, parts.secrets, parts.clock, parts.outside));
  return lane;
}

}  // namespace matricula::pipeline
