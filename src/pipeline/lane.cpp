#include "pipeline/lane.h"

namespace matricula::pipeline {

Result<std::unique_ptr<Lane>> Lane::open(storage::Database& database, const auth::Secrets& secrets,
                                         const Clock& clock, storage::CountCache& counts,
                                         const execution::ExecutionLimits& limits,
                                         const PlanCacheLimits& plans,
                                         const auth::JwksSource* outside,
                                         const execution::AnswerPlaces& answers) {
  std::unique_ptr<Lane> lane(new Lane(clock, plans));
  MATRICULA_TRY(lane->session,
                database.is_shared() ? database.open_access_session() : database.open_reader());
  lane->reader = std::make_unique<storage::CountingListReader>(
      std::make_unique<storage::SqlListReader>(*lane->session, database.dialect(),
                                               limits.narrow_rows_max),
      database, counts);
  lane->executor =
      std::make_unique<execution::Executor>(*lane->session, *lane->reader, clock, limits, answers);
  MATRICULA_TRY(lane->authenticator, auth::Authenticator::open(database, secrets, clock, outside));
  return lane;
}

}  // namespace matricula::pipeline
